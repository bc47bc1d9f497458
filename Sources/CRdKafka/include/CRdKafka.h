#ifndef CRDKAFKA_H
#define CRDKAFKA_H

#include <stddef.h>
#include <librdkafka/rdkafka.h>

// The functions of librdkafka that the target Kafka uses. The library is loaded when a source of messages needs it, so
// that the program starts on machines without it.
#define CRDKAFKA_FUNCTIONS(X) \
    X(rd_kafka_version_str) X(rd_kafka_err2str) \
    X(rd_kafka_conf_new) X(rd_kafka_conf_destroy) X(rd_kafka_conf_set) X(rd_kafka_conf_set_events) \
    X(rd_kafka_conf_set_log_cb) X(rd_kafka_new) X(rd_kafka_destroy) X(rd_kafka_poll_set_consumer) \
    X(rd_kafka_subscribe) X(rd_kafka_assign) X(rd_kafka_consumer_close) X(rd_kafka_get_watermark_offsets) \
    X(rd_kafka_metadata) X(rd_kafka_metadata_destroy) \
    X(rd_kafka_queue_get_consumer) X(rd_kafka_queue_poll) X(rd_kafka_queue_destroy) \
    X(rd_kafka_event_type) X(rd_kafka_event_error) X(rd_kafka_event_error_string) X(rd_kafka_event_error_is_fatal) \
    X(rd_kafka_event_topic_partition_list) X(rd_kafka_event_message_next) X(rd_kafka_event_destroy) \
    X(rd_kafka_topic_name) X(rd_kafka_topic_partition_list_new) X(rd_kafka_topic_partition_list_add) \
    X(rd_kafka_topic_partition_list_destroy)

// The functions, typed by the library's own header.
struct crdkafka {
#define CRDKAFKA_MEMBER(name) __typeof__(name) *_Nonnull name;
    CRDKAFKA_FUNCTIONS(CRDKAFKA_MEMBER)
#undef CRDKAFKA_MEMBER
};

// Loads librdkafka.so.1 at the first call. The functions stay valid until the process ends.
//
// Returns NULL and writes the reason, which ends with a NUL, when the library or one of its functions is missing. May
// be called from any thread; a failed call is tried again by the next one.
const struct crdkafka *_Nullable crdkafka_load(char *_Nonnull why, size_t size);

#endif
