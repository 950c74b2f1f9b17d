// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <expected>
#include <string>

std::expected<double, std::string> divide(double a, double b);
