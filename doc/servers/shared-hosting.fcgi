#!/bin/sh
# Starts behest-fcgi on shared hosting, see shared-hosting.htaccess. mod_fcgid gives each process one request at a time.
exec /home/ada/behest-fcgi/behest-fcgi --threads 1 --env-file /home/ada/behest-fcgi/chat.env
