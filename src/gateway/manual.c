#include "gateway/manual.h"

#include "gateway/sections.h"

#include <pthread.h>
#include <stdlib.h>

#include <sqlite3.h>

struct manual {
    sqlite3 *handle;
    sqlite3_stmt *search;
    const char *first_file;
    pthread_mutex_t mutex; /* the connection is for one thread at a time */
};

/* A word in the heading says more about a section than one within it. bm25() is below 0, the lower
 * the better. */
static const char search_sql[] =
    "SELECT file, heading, body FROM sections WHERE sections MATCH ? "
    "ORDER BY bm25(sections, 0, 10, 1) * CASE file WHEN ? THEN 1.5 ELSE 1 END LIMIT 1";

struct indexer {
    sqlite3_stmt *insert;
    const char *file;
};

static enum err index_section(void *context, const char *heading, const char *body)
{
    const struct indexer *indexer = context;
    sqlite3_bind_text(indexer->insert, 1, indexer->file, -1, SQLITE_STATIC);
    sqlite3_bind_text(indexer->insert, 2, heading, -1, SQLITE_STATIC);
    sqlite3_bind_text(indexer->insert, 3, body, -1, SQLITE_STATIC);
    int code = sqlite3_step(indexer->insert);
    sqlite3_reset(indexer->insert);
    sqlite3_clear_bindings(indexer->insert);
    return code == SQLITE_DONE ? ERR_OK : ERR_DATABASE;
}

static enum err index_files(sqlite3 *handle, const struct embedded_file *files)
{
    struct indexer indexer = {0};
    if (sqlite3_prepare_v2(handle, "INSERT INTO sections (file, heading, body) VALUES (?, ?, ?)",
                           -1, &indexer.insert, NULL) != SQLITE_OK)
        return ERR_DATABASE;
    enum err err = ERR_OK;
    for (; files->data && !err; files++) {
        indexer.file = files->name;
        err = sections_visit(files->data, files->len, index_section, &indexer);
    }
    sqlite3_finalize(indexer.insert);
    return err;
}

static enum err fill(struct manual *manual, const struct embedded_file *files)
{
    static const char table[] = "CREATE VIRTUAL TABLE sections USING fts5 "
                                "(file UNINDEXED, heading, body, tokenize = 'porter unicode61')";
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(":memory:", &manual->handle, flags, NULL) != SQLITE_OK ||
        sqlite3_exec(manual->handle, table, NULL, NULL, NULL) != SQLITE_OK)
        return ERR_DATABASE;
    enum err err = index_files(manual->handle, files);
    if (!err && sqlite3_prepare_v3(manual->handle, search_sql, -1, SQLITE_PREPARE_PERSISTENT,
                                   &manual->search, NULL) != SQLITE_OK)
        err = ERR_DATABASE;
    return err;
}

enum err manual_open(const struct embedded_file *files, struct manual **ret_manual)
{
    struct manual *manual = calloc(1, sizeof *manual);
    if (!manual)
        return ERR_NOMEM;
    pthread_mutex_init(&manual->mutex, NULL);
    manual->first_file = files->name;
    enum err err = fill(manual, files);
    if (err)
        manual_close(manual);
    else
        *ret_manual = manual;
    return err;
}

void manual_close(struct manual *manual)
{
    if (!manual)
        return;
    sqlite3_finalize(manual->search);
    sqlite3_close(manual->handle);
    pthread_mutex_destroy(&manual->mutex);
    free(manual);
}

static void add_passage(sqlite3_stmt *row, struct buf *passage)
{
    const char *file = (const char *)sqlite3_column_text(row, 0);
    const char *heading = (const char *)sqlite3_column_text(row, 1);
    const char *body = (const char *)sqlite3_column_text(row, 2);
    buf_addf(passage, "**%s%s%s**\n\n%s", file ? file : "", heading && *heading ? ": " : "",
             heading ? heading : "", body ? body : "");
}

static enum err run_search(struct manual *manual, const char *query, struct buf *passage)
{
    sqlite3_stmt *search = manual->search;
    sqlite3_bind_text(search, 1, query, -1, SQLITE_STATIC);
    sqlite3_bind_text(search, 2, manual->first_file, -1, SQLITE_STATIC);
    int code = sqlite3_step(search);
    if (code == SQLITE_ROW)
        add_passage(search, passage);
    sqlite3_reset(search);
    sqlite3_clear_bindings(search);
    if (code == SQLITE_DONE)
        return ERR_NOT_FOUND;
    return code == SQLITE_ROW ? buf_err(passage) : ERR_DATABASE;
}

enum err manual_search(struct manual *manual, const char *question, struct buf *passage)
{
    BUF_AUTO(query, MANUAL_QUERY_MAX_BYTES);
    enum err err = manual_query(question, &query);
    if (err)
        return err;
    if (!query.len)
        return ERR_NOT_FOUND;
    pthread_mutex_lock(&manual->mutex);
    err = run_search(manual, query.data, passage);
    pthread_mutex_unlock(&manual->mutex);
    return err;
}
