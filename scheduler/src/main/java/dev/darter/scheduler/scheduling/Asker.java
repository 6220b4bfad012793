package dev.darter.scheduler.scheduling;

import dev.darter.core.PeerId;
import java.time.Duration;

/**
 * What the policy knows of a peer that wants parents.
 *
 * @param peer who asks: among equals everybody is given others
 * @param darter whether it is one of ours: it takes parents that have nothing yet, and more of them
 * @param needsBackToSource whether its priority sends it to the source while nobody has the content
 * @param waited since it has had no parents; zero when it has some
 * @param seeding whether a seed peer fetches the task now
 * @param someoneAtSource whether a peer reads the origin now
 * @param sourceAllowed whether the task has a source at all
 * @param sourceFree whether one of the places at the source is free
 * @param sourceClosed whether it may not go to the source yet, since the scheduler has just started and holders have yet to announce themselves
 * @param sourceless for how long nobody has had the whole content or been on the way to it; zero while somebody has or is
 * @param crossings how many others of its place are fed from elsewhere
 */
public record Asker(
        PeerId peer,
        boolean darter,
        boolean needsBackToSource,
        Duration waited,
        boolean seeding,
        boolean someoneAtSource,
        boolean sourceAllowed,
        boolean sourceFree,
        boolean sourceClosed,
        Duration sourceless,
        int crossings) {}
