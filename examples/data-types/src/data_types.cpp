// SPDX-License-Identifier: Apache-2.0
#include "data_types.hpp"

#include <algorithm>

namespace operations = data_types::exports::data::types::operations;

struct DataProcessor {
  static operations::calculation_result calculate(operations::operation_type operation,
                                                  operations::point point) {
    using result = operations::calculation_result;
    switch (operation) {
      case operations::operation_type::add:
        return result::success{point.x + point.y};
      case operations::operation_type::subtract:
        return result::success{point.x - point.y};
      case operations::operation_type::multiply:
        return result::success{point.x * point.y};
      case operations::operation_type::divide:
        if (point.y == 0) return result::error{"Division by zero"};
        return result::success{point.x / point.y};
    }
    return result::error{"Unknown operation"};
  }

  static std::vector<operations::calculation_result> calculate_batch(
      std::vector<operations::operation_type> types, std::vector<operations::point> values) {
    std::vector<operations::calculation_result> results;
    const std::size_t count = std::min(types.size(), values.size());
    results.reserve(count);
    for (std::size_t i = 0; i < count; ++i) results.push_back(calculate(types[i], values[i]));
    return results;
  }
};

TENON_EXPORT_data_types(DataProcessor);
