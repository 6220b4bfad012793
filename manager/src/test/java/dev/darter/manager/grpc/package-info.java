@NullMarked
package dev.darter.manager.grpc;

import org.jspecify.annotations.NullMarked;
