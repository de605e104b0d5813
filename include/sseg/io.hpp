#pragma once
// Files without any outside library. The doors to optional libraries are included by name:
//   io/json.hpp, io/safetensors.hpp (nlohmann/json) · io/png.hpp (libpng) · io/zip.hpp (libzip)
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/picture.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/safetensor.hpp"
