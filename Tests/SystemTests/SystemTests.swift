import Testing

/// LeadHub as its users run it: nginx, several workers, real files and sockets. One after the other, so that no
/// test's load is another one's delay.
@Suite(.serialized) enum SystemTests {}
