// Keys that belong to an input method (IME), such as the Enter that confirms what was composed.

/** Whether a React key event is the input method's. Safari sends it after compositionend, marked by keyCode 229 alone. */
export const isComposing = ({ nativeEvent }) => nativeEvent.isComposing || nativeEvent.keyCode === 229;
