"""Parts that two pages or more are made of: Vars in, component out."""
