package dev.darter.scheduler.scheduling;

import dev.darter.core.PeerId;

/**
 * What the policy knows of a peer that might feed another.
 *
 * @param finishedPieces pieces that it has
 * @param complete whether it has all of them
 * @param atSource whether it reads the origin
 * @param fed whether somebody feeds it
 * @param seed whether it is a seed peer
 * @param darter whether it is one of ours
 * @param children others that it feeds
 * @param freeUploads slots that are free
 * @param uploadSuccess share of its uploads that went well, 0 to 1
 * @param sameIdc whether both name the same data centre
 * @param locationDepth how many leading elements of the location agree, 0 to 5
 * @param elsewhere whether both say where they are and bytes between them are dear
 */
public record Candidate(
        PeerId peer,
        int finishedPieces,
        boolean complete,
        boolean atSource,
        boolean fed,
        boolean seed,
        boolean darter,
        int children,
        int freeUploads,
        int uploadLimit,
        double uploadSuccess,
        boolean sameIdc,
        int locationDepth,
        boolean elsewhere) {}
