// SPDX-License-Identifier: Apache-2.0
// The calculator in JavaScript, for componentize-js: what is thrown is the error case.
export const calculator = {
  add: (a, b) => a + b,
  subtract: (a, b) => a - b,
  multiply: (a, b) => a * b,
  divide(a, b) {
    if (b === 0) throw "Division by zero";
    return a / b;
  },
};
