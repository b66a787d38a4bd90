"""Components of the chat: the messages, the message box, menus and panels."""
