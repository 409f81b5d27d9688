using System.ComponentModel.DataAnnotations;
using System.Runtime.InteropServices;
using Microsoft.Extensions.Logging;
using Vms.Cli.Infrastructure;
using Vms.Cli.Supervision;
using Vms.Hosting;

namespace Vms.Cli.Commands;

/// <summary>vms up: the whole product in the foreground. Ctrl-C or SIGTERM stops everything and leaves no process behind.</summary>
internal static class Up
{
    private const int UsageExitCode = 64;
    private const int ConfigurationExitCode = 78;

    public static async Task<int> RunAsync(string[] args)
    {
        if (CommandLineArguments.Parse(args) is not var (configuration, demo))
            return UsageExitCode;

        var time = TimeProvider.System;
        using var output = new BoundedLineWriter("supervisor", time, Console.OpenStandardOutput());
        using var loggers = LoggerFactory.Create(l => l
            .SetMinimumLevel(Enum.TryParse<LogLevel>(configuration["VMS_LOG_LEVEL"], ignoreCase: true, out var level) ? level : LogLevel.Information)
            .AddProvider(new LineLoggerProvider("supervisor", output)));
        var logger = loggers.CreateLogger("Supervisor");

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);

        try
        {
            var options = PlaneOptions.From(configuration);
            DataDirectories.Create(options);
            RunDirectories.Create(options.RunDirectory);
            using var exclusive = await TakeLockAsync(options, time, stop.Token);
            if (exclusive is null)
            {
                await Console.Error.WriteLineAsync($"vms: another 'vms up' runs on {options.DataDirectory}");
                return ExclusiveLock.TakenExitCode;
            }

            await new Supervisor(options, demo, output, logger, time).RunAsync(stop.Token);
            return 0;
        }
        catch (Exception e) when (e is InfrastructureException or ValidationException or FileNotFoundException)
        {
            await Console.Error.WriteLineAsync($"vms: {e.Message}");
            return ConfigurationExitCode;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    /// <summary>A supervisor that was just told to stop gets the time to do so.</summary>
    private static async Task<ExclusiveLock?> TakeLockAsync(PlaneOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        for (var tries = 0; tries < 20; tries++)
        {
            if (ExclusiveLock.TryTake(Path.Combine(options.DataDirectory, "locks"), "supervisor") is { } taken)
                return taken;
            await Task.Delay(TimeSpan.FromMilliseconds(250), time, cancellationToken);
        }

        return null;
    }
}
