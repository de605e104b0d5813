# cmake -DPYTHON=… -DPACKAGES=… -DWRITER=… -DSCRIPT=… -DWORK=… -P run.cmake
cmake_minimum_required(VERSION 3.25)

list(JOIN PACKAGES ", " imports)
list(JOIN PACKAGES " " names)
set(code 1)
if(PYTHON)
  execute_process(COMMAND "${PYTHON}" -c "import ${imports}" RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
endif()
if(NOT code EQUAL 0)
  message("sseg-test-skipped: no Python with ${imports}. Make one: python3 -m venv V && V/bin/pip install ${names}; "
          "then configure with -DSSEG_PEER_PYTHON=V/bin/python")
  return()
endif()

file(REMOVE_RECURSE "${WORK}")
file(MAKE_DIRECTORY "${WORK}")
foreach(command IN ITEMS "${WRITER}" "${PYTHON};${SCRIPT}")
  execute_process(COMMAND ${command} "${WORK}" COMMAND_ERROR_IS_FATAL ANY)
endforeach()
