// The one door to Capstone. It hides what differs between Capstone 4 and 5 from Swift.
#pragma once
#include <capstone/capstone.h>
