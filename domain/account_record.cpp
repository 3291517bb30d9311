#include "domain/account_record.hpp"
