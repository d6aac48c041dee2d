/** The id of "This computer", the instance in the same process or origin as this window. */
export const LOCAL_ID = 'local';
