using System.ComponentModel.DataAnnotations;
using Vms.Hosting;
using Vms.Hosting.Decoding;
using Vms.Recorder;
using Vms.Recorder.Writing;

if (args is [DecoderWorker.Argument])
{
    using var input = Console.OpenStandardInput();
    using var output = Console.OpenStandardOutput();
    return DecoderWorker.Run(input, output);
}

try
{
    await using var app = RecorderApp.Build(args);
    await app.RunAsync();
    return Environment.ExitCode;        // not 0 when it is to be started again
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
