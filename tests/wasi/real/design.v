// SPDX-License-Identifier: Apache-2.0
module counter(input clk, input reset, input [7:0] step, output reg [7:0] led);
  reg [15:0] count;
  always @(posedge clk)
    if (reset) begin
      count <= 0;
      led <= 0;
    end else begin
      count <= count + step;
      if (&count[7:0]) led <= led ^ count[15:8];
    end
endmodule
