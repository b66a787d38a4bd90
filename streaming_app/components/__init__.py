"""Components that several pages use: functions that take Vars and return a component."""
