using System.Diagnostics;
using System.Globalization;
using Vms.Native.Processes;

namespace Vms.Cli.Commands;

/// <summary>
/// vms guard [--user NAME] [--stop-signal N] -- PROGRAM ARGS: runs a program that knows nothing of the supervisor's pipe
/// (PostgreSQL, nats-server) and ends it, in order, when stdin reaches its end: the supervisor stopped or died.
/// </summary>
internal static class Guard
{
    private static readonly TimeSpan s_orderedStop = TimeSpan.FromSeconds(10);

    public static int Run(string[] args)
    {
        if (OperatingSystem.IsLinux())
            PosixProcess.StartSession();

        string? user = null;
        var stopSignal = PosixSignalNumber.Terminate;
        var i = 0;
        for (; i + 1 < args.Length && args[i] != "--"; i += 2)
        {
            if (args[i] == "--user")
                user = args[i + 1];
            else if (args[i] == "--stop-signal")
                stopSignal = int.Parse(args[i + 1], CultureInfo.InvariantCulture);
        }

        var start = new ProcessStartInfo(args[i + 1]) { UseShellExecute = false, RedirectStandardInput = true, WorkingDirectory = Path.GetTempPath() };
        foreach (var argument in args.AsSpan(i + 2))
            start.ArgumentList.Add(argument);
        if (user is not null)
            start.UserName = user;
        // PostgreSQL refuses a multi-threaded start when the locale makes the C library load plug-ins.
        start.Environment["LC_ALL"] = "C";

        using var child = Process.Start(start)!;
        // The supervisor reads this line: health and limits belong to the program, not to its guard.
        Console.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"guard: pid {child.Id}"));
        Console.Out.Flush();

        var lifeline = new Thread(() => WaitForEndOfInput(child, stopSignal)) { IsBackground = true, Name = "lifeline" };
        lifeline.Start();
        child.WaitForExit();
        return child.ExitCode;
    }

    private static void WaitForEndOfInput(Process child, int stopSignal)
    {
        using var stdin = Console.OpenStandardInput();
        Span<byte> nothing = stackalloc byte[64];
        while (stdin.Read(nothing) > 0)
        {
        }

        if (OperatingSystem.IsLinux())
            PosixProcess.Signal(child.Id, stopSignal);
        else
            child.Kill();
        if (!child.WaitForExit(s_orderedStop))
            child.Kill();
    }
}
