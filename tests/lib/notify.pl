# systemd's end of sd_notify: prints each datagram that comes to the Unix socket named as argument, as one line with the
# line feeds inside as "; ".
use strict;
use warnings;
use Socket;

my ($path) = @ARGV;
socket(my $socket, PF_UNIX, SOCK_DGRAM, 0) or die "socket: $!";
bind($socket, pack_sockaddr_un($path)) or die "bind: $!";
$| = 1;
print "listening\n";
while (defined recv($socket, my $message, 4096, 0)) {
    $message =~ s/\n$//;
    $message =~ s/\n/; /g;
    print "$message\n";
}
