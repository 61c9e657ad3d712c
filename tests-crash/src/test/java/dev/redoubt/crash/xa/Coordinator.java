package dev.redoubt.crash.xa;

import com.arjuna.ats.arjuna.common.CoordinatorEnvironmentBean;
import com.arjuna.ats.arjuna.common.CoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.CoreEnvironmentBeanException;
import com.arjuna.ats.arjuna.common.ObjectStoreEnvironmentBean;
import com.arjuna.ats.arjuna.common.RecoveryEnvironmentBean;
import com.arjuna.ats.arjuna.recovery.RecoveryManager;
import com.arjuna.ats.arjuna.recovery.RecoveryModule;
import com.arjuna.ats.internal.arjuna.recovery.AtomicActionRecoveryModule;
import com.arjuna.ats.internal.jta.recovery.arjunacore.JTANodeNameXAResourceOrphanFilter;
import com.arjuna.ats.internal.jta.recovery.arjunacore.JTATransactionLogXAResourceOrphanFilter;
import com.arjuna.ats.internal.jta.recovery.arjunacore.XARecoveryModule;
import com.arjuna.ats.jta.common.JTAEnvironmentBean;
import com.arjuna.ats.jta.recovery.XAResourceRecoveryHelper;
import com.arjuna.common.internal.util.propertyservice.BeanPopulator;
import java.nio.file.Path;
import java.util.List;
import java.util.Vector;
import javax.transaction.xa.XAResource;

/** Narayana, set up to keep its log in one folder and to do nothing by itself. */
final class Coordinator {
  private static final String NODE = "1";

  private Coordinator() {}

  /** To be called once in a JVM, before anything else of it. */
  static void setUp(Path folder) throws CoreEnvironmentBeanException {
    for (String store : new String[] {"default", "communicationStore", "stateStore"}) {
      BeanPopulator.getNamedInstance(ObjectStoreEnvironmentBean.class, store)
          .setObjectStoreDir(folder.toString());
    }
    BeanPopulator.getDefaultInstance(ObjectStoreEnvironmentBean.class)
        .setObjectStoreDir(folder.toString());
    BeanPopulator.getDefaultInstance(CoreEnvironmentBean.class).setNodeIdentifier(NODE);
    CoordinatorEnvironmentBean coordinator =
        BeanPopulator.getDefaultInstance(CoordinatorEnvironmentBean.class);
    coordinator.setDefaultTimeout(0);
    coordinator.setTransactionStatusManagerEnable(false); // a socket
    JTAEnvironmentBean jta = BeanPopulator.getDefaultInstance(JTAEnvironmentBean.class);
    jta.setXaRecoveryNodes(List.of(NODE));
    jta.setXaResourceOrphanFilterClassNames(
        List.of(
            JTATransactionLogXAResourceOrphanFilter.class.getName(),
            JTANodeNameXAResourceOrphanFilter.class.getName()));
    jta.setOrphanSafetyInterval(1); // ms between two passes that see the same branch
    RecoveryEnvironmentBean recovery =
        BeanPopulator.getDefaultInstance(RecoveryEnvironmentBean.class);
    recovery.setRecoveryListener(false);
    recovery.setRecoveryBackoffPeriod(1);
    recovery.setRecoveryModuleClassNames(
        List.of(AtomicActionRecoveryModule.class.getName(), XARecoveryModule.class.getName()));
    recovery.setExpiryScannerClassNames(List.of());
  }

  /** Runs recovery's passes over these resources. */
  static void recover(XAResource[] resources) {
    RecoveryManager manager = RecoveryManager.manager(RecoveryManager.DIRECT_MANAGEMENT);
    Vector<RecoveryModule> modules = manager.getModules();
    for (RecoveryModule module : modules) {
      if (module instanceof XARecoveryModule xa) {
        xa.addXAResourceRecoveryHelper(
            new XAResourceRecoveryHelper() {
              @Override
              public boolean initialise(String properties) {
                return true;
              }

              @Override
              public XAResource[] getXAResources() {
                return resources.clone();
              }
            });
      }
    }
    manager.scan();
    manager.scan();
    manager.terminate(false);
  }
}
