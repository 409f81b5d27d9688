using System.ComponentModel.DataAnnotations;
using Vms.Control;
using Vms.Hosting;

try
{
    await using var app = ControlApp.Build(args);
    await app.RunAsync();
    return 0;
}
catch (PlaneLockTakenException e)
{
    Console.Error.WriteLine(e.Message);
    return ExclusiveLock.TakenExitCode;
}
catch (ValidationException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
