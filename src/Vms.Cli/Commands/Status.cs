using Vms.Cli.Supervision;
using Vms.Hosting;

namespace Vms.Cli.Commands;

/// <summary>vms status: asks every plane of a data directory how it is. Exit code 0 when all are ready.</summary>
internal static class Status
{
    public static async Task<int> RunAsync(string[] args)
    {
        if (CommandLineArguments.Parse(args) is not var (configuration, _))
            return 64;
        var options = PlaneOptions.From(configuration);
        var allReady = true;
        foreach (var plane in PlaneProcesses.Names)
        {
            using var probe = new PlaneProbe(options.SocketOf(plane, "http"));
            var answer = await probe.AskAsync("/health/ready", CancellationToken.None);
            allReady &= answer.Ok;
            Console.Out.WriteLine($"{plane,-9} {(answer.Ok ? "ready" : answer.Text)}");
        }

        return allReady ? 0 : 1;
    }
}
