package dev.darter.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/**
 * The arrows between packages, as {@code docs/architecture.md} describes them. Between modules Maven keeps the rules; here stand
 * those inside a module, and what may appear where.
 */
@AnalyzeClasses(packages = "dev.darter", importOptions = ImportOption.DoNotIncludeTests.class)
final class HouseRulesTest {
    private static final String[] ADAPTERS = {"dev.darter.wire..", "dev.darter.proto..", "..grpc.."};

    @ArchTest
    static final ArchRule noCyclesInsideAModule =
            slices().matching("dev.darter.(*).(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule coreKnowsTheJdkOnly = classes()
            .that()
            .resideInAPackage("dev.darter.core..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage("dev.darter.core..", "java..", "org.jspecify..", "com.google.errorprone.annotations..");

    @ArchTest
    static final ArchRule generatedTypesStopAtTheEdge = noClasses()
            .that()
            .resideOutsideOfPackages(ADAPTERS)
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.darter.proto..");

    @ArchTest
    static final ArchRule policiesArePure = noClasses()
            .that()
            .resideInAnyPackage("dev.darter.scheduler.scheduling..", "dev.darter.peer.choice..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "java.io..", "java.nio..", "java.net..", "java.util.concurrent..", "io..", "org.slf4j..");

    @ArchTest
    static final ArchRule theSwarmKnowsNoAdapterAndNoPolicy = noClasses()
            .that()
            .resideInAPackage("dev.darter.scheduler.swarm..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.darter.wire..",
                    "dev.darter.scheduler.grpc..",
                    "dev.darter.scheduler.announce..",
                    "dev.darter.scheduler.scheduling..",
                    "dev.darter.scheduler.seedpeer..",
                    "dev.darter.scheduler.dynconfig..");

    @ArchTest
    static final ArchRule storageKnowsCoreOnly = noClasses()
            .that()
            .resideInAPackage("dev.darter.peer.storage..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.darter.wire..",
                    "dev.darter.source..",
                    "dev.darter.peer.task..",
                    "dev.darter.peer.grpc..",
                    "dev.darter.peer.fetch..",
                    "dev.darter.peer.transfer..",
                    "dev.darter.peer.scheduler..",
                    "dev.darter.peer.choice..");

    @ArchTest
    static final ArchRule downloadsDoNotKnowTheirAdapters = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.darter.peer.task..",
                    "dev.darter.peer.fetch..",
                    "dev.darter.peer.transfer..",
                    "dev.darter.peer.scheduler..",
                    "dev.darter.peer.announce..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("dev.darter.peer.grpc..");

    @ArchTest
    static final ArchRule managerFeaturesDoNotKnowTheirAdapters = noClasses()
            .that()
            .resideInAnyPackage(
                    "dev.darter.manager.cluster..", "dev.darter.manager.access..", "dev.darter.manager.database..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "dev.darter.manager.rest..", "dev.darter.manager.grpc..", "io.javalin..", "dev.darter.wire..");

    @ArchTest
    static final ArchRule noThreadLocals =
            noClasses().should().dependOnClassesThat().areAssignableTo(ThreadLocal.class);

    @ArchTest
    static final ArchRule noMutableStatics = fields().that()
            .areStatic()
            .and()
            .areDeclaredInClassesThat()
            .resideOutsideOfPackage("dev.darter.proto..")
            .should()
            .beFinal();

    @ArchTest
    static final ArchRule nothingIsCalledAfterNothing = noClasses()
            .that()
            .resideOutsideOfPackage("dev.darter.proto..")
            .should()
            .resideInAnyPackage("..util..", "..common..", "..helper..", "..impl..", "..model..", "..dto..");
}
