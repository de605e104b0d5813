#pragma once
#include "sseg/meta/field_text.hpp"
#include "sseg/meta/fields.hpp"
#include "sseg/meta/named.hpp"
#include "sseg/meta/override.hpp"
