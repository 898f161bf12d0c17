// Settings are one object in parts: a fault at `/account/name` belongs to the field `name`.
import { ApiError } from '../../api.js';

/** @param {string} part @returns {(error: unknown) => never} */
export const inner = (part) => (error) => {
  if (error instanceof ApiError) {
    for (const fault of error.faults) fault.place = fault.place.replace(`/${part}/`, '/');
  }
  throw error;
};
