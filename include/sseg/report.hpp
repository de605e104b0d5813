#pragma once
#include "sseg/report/csv.hpp"
#include "sseg/report/json_lines.hpp"
#include "sseg/report/line_file.hpp"
#include "sseg/report/metrics_log.hpp"
#include "sseg/report/read_metrics.hpp"
#include "sseg/report/sensitivity_log.hpp"
#include "sseg/report/training_progress.hpp"
