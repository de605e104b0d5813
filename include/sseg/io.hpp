#pragma once
// Files without any outside library. Readers of foreign formats are included by name: io/csv_table.hpp, io/pickle.hpp,
// io/pnm.hpp, io/yaml.hpp, io/mapped_file.hpp, and the doors to optional libraries:
//   io/json.hpp, io/safetensors.hpp (nlohmann/json) · io/png.hpp (libpng) · io/jpeg.hpp (libjpeg) · io/zip.hpp (libzip)
//   io/archive.hpp (libarchive) · io/decode_picture.hpp (libpng and libjpeg)
#include "sseg/io/atomic_file.hpp"
#include "sseg/io/picture.hpp"
#include "sseg/io/read_file.hpp"
#include "sseg/io/safetensor.hpp"
#include "sseg/io/utf8.hpp"
