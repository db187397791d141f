/* Tables and records of images, version 1, for C (sandbox-images/README.md). */
#ifndef KAKEHASHI_H
#define KAKEHASHI_H
#include <stdint.h>

#define KAKEHASHI_EXPORT(name) __attribute__((export_name(#name)))

typedef struct {
  uint32_t type, nulls, validity, values;
} kakehashi_column;

typedef struct {
  uint32_t version, people, rows, columns, offsets, zero;
  kakehashi_column column[];
} kakehashi_table;

typedef struct {
  uint32_t version, fields;
  int64_t value[32];
} kakehashi_record;

static inline const void *kakehashi_at(const kakehashi_table *table, uint32_t offset) {
  return (const uint8_t *)table + offset;
}

/* The first row of person i; of i = people, the number of rows. */
static inline int32_t kakehashi_first_row(const kakehashi_table *table, uint32_t i) {
  return ((const int32_t *)kakehashi_at(table, table->offsets))[i];
}

static inline int kakehashi_has(const kakehashi_table *table, uint32_t column, uint32_t row) {
  const uint8_t *bits = kakehashi_at(table, table->column[column].validity);
  return (bits[row >> 3] >> (row & 7)) & 1;
}

static inline int64_t kakehashi_integer(const kakehashi_table *table, uint32_t column, uint32_t row) {
  return ((const int64_t *)kakehashi_at(table, table->column[column].values))[row];
}

static inline double kakehashi_number(const kakehashi_table *table, uint32_t column, uint32_t row) {
  return ((const double *)kakehashi_at(table, table->column[column].values))[row];
}

/* The code of a category, or days since 1970-01-01. */
static inline int32_t kakehashi_code(const kakehashi_table *table, uint32_t column, uint32_t row) {
  return ((const int32_t *)kakehashi_at(table, table->column[column].values))[row];
}

/* Put once into a program: a table goes behind everything that the program has. */
#define KAKEHASHI_RESERVE                                                                    \
  extern unsigned char __heap_base;                                                          \
  KAKEHASHI_EXPORT(reserve) int32_t kakehashi_reserve(int32_t bytes) {                       \
    (void)bytes;                                                                             \
    return (int32_t)(((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15);                       \
  }
#endif
