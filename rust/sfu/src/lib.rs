//! packet core
