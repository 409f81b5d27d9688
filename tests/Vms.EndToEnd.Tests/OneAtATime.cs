// Each test starts the whole product and most measure it: they get the machine one after the other.
[assembly: CollectionBehavior(DisableTestParallelization = true)]
