/* Metrics as text: Prometheus' exposition format, version 0.0.4
 * (https://prometheus.io/docs/instrumenting/exposition_formats/). */
#ifndef BEHEST_HTTP_EXPOSITION_H
#define BEHEST_HTTP_EXPOSITION_H

#include "base/buf.h"
#include "base/metrics.h"

#define EXPOSITION_TYPE "text/plain; version=0.0.4; charset=utf-8"

/* Adds all metrics to out. A series of several labels, or of a histogram, is there from the first
 * time that it counted something, every other one from the start. */
void exposition_write(struct metrics *metrics, struct buf *out);

#endif
