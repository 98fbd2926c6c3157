# systemd's part for a service with a socket unit: holds a listening socket, hands it to the program as descriptor 3 with LISTEN_FDS and
# LISTEN_PID, and starts the program again whenever it ends. Connections wait in the socket meanwhile, so that a restart loses none.
# systemd-socket-activate cannot do so: it becomes the program.
#
#   perl socket-unit.pl SOCKET UID GID COMMAND...      UID and GID -1: as whoever calls
#
# SIGTERM stops the program, then this.
use strict;
use warnings;
use POSIX qw(dup2 setuid setgid);
use Socket;

my ($path, $uid, $gid, @command) = @ARGV;
$^F = 3; # descriptors up to this one outlive exec
socket(my $made, AF_UNIX, SOCK_STREAM, 0) or die "socket: $!";
umask 0117;
bind($made, sockaddr_un($path)) && listen($made, 511) or die "$path: $!";
chown $uid, $gid, $path if $uid >= 0;
dup2(fileno($made), 3) or die "dup2: $!" unless fileno($made) == 3;
umask 0027;

my ($child, $stopping) = (0, 0);
$SIG{TERM} = sub { $stopping = 1; kill TERM => $child if $child; };
until ($stopping) {
    $child = fork() // die "fork: $!";
    if (!$child) {
        $SIG{TERM} = 'DEFAULT';
        if ($uid >= 0) { $) = "$gid $gid"; setgid($gid); setuid($uid) or die "setuid: $!"; }
        @ENV{qw(LISTEN_PID LISTEN_FDS)} = ($$, 1);
        exec @command or die "$command[0]: $!";
    }
    waitpid($child, 0);
    select(undef, undef, undef, 0.1) unless $stopping; # RestartSec
}
unlink $path;
