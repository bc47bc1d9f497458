// Kafka brokers in a process of their own, for tests: librdkafka's mock cluster with one topic.
//
//   kafka-mock TOPIC PARTITIONS FILE
//
// Each line of FILE is one record: the number of its partition, a space, the value. When all are produced, the program
// prints the brokers' addresses on one line and serves until it is stopped. It ends with the process that started it.

#include <librdkafka/rdkafka.h>
#include <librdkafka/rdkafka_mock.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const char *what, const char *why) {
    fprintf(stderr, "kafka-mock: %s: %s\n", what, why);
    return 1;
}

static void delivered(rd_kafka_t *producer, const rd_kafka_message_t *message, void *opaque) {
    (void)producer;
    (void)opaque;
    if (message->err) exit(fail("a record was not delivered", rd_kafka_err2str(message->err)));
}

static int produce(rd_kafka_t *producer, const char *topic, const char *path) {
    FILE *file = fopen(path, "r");
    if (!file) return fail(path, "cannot be opened");
    char *line = NULL;
    size_t room = 0;
    ssize_t length;
    while ((length = getline(&line, &room, file)) > 0) {
        if (line[length - 1] == '\n') line[--length] = 0;
        char *value = strchr(line, ' ');
        if (!value) return fail(path, "a line has no space after the number of the partition");
        value += 1;
        rd_kafka_resp_err_t code = rd_kafka_producev(
            producer, RD_KAFKA_V_TOPIC(topic), RD_KAFKA_V_PARTITION(atoi(line)),
            RD_KAFKA_V_VALUE(value, (size_t)(line + length - value)), RD_KAFKA_V_MSGFLAGS(RD_KAFKA_MSG_F_COPY),
            RD_KAFKA_V_END);
        if (code) return fail("a record was refused", rd_kafka_err2str(code));
    }
    free(line);
    fclose(file);
    rd_kafka_resp_err_t code = rd_kafka_flush(producer, 30000);
    return code ? fail("the records were not delivered in 30 s", rd_kafka_err2str(code)) : 0;
}

int main(int count, char **arguments) {
    if (count != 4) return fail("usage", "kafka-mock TOPIC PARTITIONS FILE");
    pid_t parent = getppid();
    char why[512];
    rd_kafka_conf_t *configuration = rd_kafka_conf_new();
    rd_kafka_conf_set(configuration, "queue.buffering.max.messages", "1000000", why, sizeof why);
    rd_kafka_conf_set_dr_msg_cb(configuration, delivered);
    rd_kafka_conf_set(configuration, "test.mock.num.brokers", "1", why, sizeof why);
    rd_kafka_t *producer = rd_kafka_new(RD_KAFKA_PRODUCER, configuration, why, sizeof why);
    if (!producer) return fail("no producer", why);
    rd_kafka_mock_cluster_t *cluster = rd_kafka_handle_mock_cluster(producer);
    rd_kafka_resp_err_t code = rd_kafka_mock_topic_create(cluster, arguments[1], atoi(arguments[2]), 1);
    if (code) return fail(arguments[1], rd_kafka_err2str(code));
    if (produce(producer, arguments[1], arguments[3])) return 1;
    printf("%s\n", rd_kafka_mock_cluster_bootstraps(cluster));
    fflush(stdout);
    // The kernel's signal on a parent's death would come when the thread ends that started this process.
    while (getppid() == parent) usleep(100000);
    return 0;
}
