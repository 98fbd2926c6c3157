/** Whether fingers are the main pointer, and the keyboard one on the screen. */
export const touchScreen = window.matchMedia('(pointer: coarse)');
