# cmake -DNOTEBOOK=<file.ipynb> -DOUT=<folder> -P execute.cmake
# Executes a notebook into OUT and fails where a cell does; what Jupyter keeps for itself stays in OUT too. Without
# network.
cmake_minimum_required(VERSION 3.25)
set(install "sudo apt-get install -y python3-nbconvert jupyter-nbconvert python3-ipykernel python3-pandas python3-matplotlib")
find_program(nbconvert jupyter-nbconvert)
if(NOT nbconvert)
  message("sseg-test-skipped: no jupyter-nbconvert; ${install}")
  return()
endif()
set(ENV{IPYTHONDIR} "${OUT}/ipython")
set(ENV{JUPYTER_RUNTIME_DIR} "${OUT}/runtime")
set(ENV{MPLCONFIGDIR} "${OUT}/matplotlib")
set(ENV{PYTHONDONTWRITEBYTECODE} 1)
execute_process(
  COMMAND "${nbconvert}" --to notebook --execute --output-dir "${OUT}" "${NOTEBOOK}"
  RESULT_VARIABLE failed
  OUTPUT_VARIABLE said
  ERROR_VARIABLE said)
if(failed AND said MATCHES "No module named '?(pandas|matplotlib|numpy|ipykernel|jupyter|nbconvert)|NoSuchKernel|No such kernel")
  message("sseg-test-skipped: ${CMAKE_MATCH_0}; ${install}")
elseif(failed)
  message(FATAL_ERROR "${said}")
endif()
