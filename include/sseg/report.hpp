#pragma once
#include "sseg/report/csv.hpp"
#include "sseg/report/metrics_log.hpp"
#include "sseg/report/training_progress.hpp"
