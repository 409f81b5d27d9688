using System.ComponentModel.DataAnnotations;
using Vms.Hosting;
using Vms.Recorder;
using Vms.Recorder.Writing;

try
{
    await using var app = RecorderApp.Build(args);
    await app.RunAsync();
    return 0;
}
catch (Exception e) when (e is PlaneLockTakenException or PoolTakenException)
{
    Console.Error.WriteLine(e.Message);
    return ExclusiveLock.TakenExitCode;
}
catch (ValidationException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
