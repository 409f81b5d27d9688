using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Vms.Cli.Infrastructure;
using Vms.Hosting;
using Vms.Native.Processes;

namespace Vms.Cli.Supervision;

/// <summary>
/// Keeps one process running: starts it with the read end of our pipe as stdin, watches its answers, kills it when it gives none
/// for ten seconds, starts it again when it ends.
/// </summary>
/// <remarks>States: waiting → running → (stalled → killed) → waiting, until <see cref="StopAsync"/>.</remarks>
internal sealed partial class ChildProcess(ChildSpec spec, ChildLimiter limiter, BoundedLineWriter log, ILogger logger, TimeProvider time)
    : IDisposable
{
    /// <summary>A supervisor that was stopped itself, or a machine that slept, finds one answer out of time and a good one long ago.</summary>
    private const int MinBadAnswers = 3;

    private static readonly TimeSpan s_probeInterval = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan s_doubtInterval = TimeSpan.FromSeconds(1);     // after a bad answer
    private static readonly TimeSpan s_retryInterval = TimeSpan.FromMilliseconds(250);

    private readonly CancellationTokenSource _stop = new();
    private readonly RestartPolicy _restarts = new(time);
    private readonly TaskCompletionSource _firstAnswer = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Process? _process;
    private Task _loop = Task.CompletedTask;
    private bool _saidWaiting;

    public string Name => spec.Name;

    /// <summary>Completes with the first good answer since <see cref="Start"/>.</summary>
    public Task FirstAnswer => _firstAnswer.Task;

    public void Start() => _loop = Task.Run(() => RunAsync(_stop.Token));

    /// <summary>Ordered stop: closes the pipe, waits, and kills what does not end in time.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _loop;
    }

    public void Dispose()
    {
        _stop.Dispose();
        _process?.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            string? reason;
            try
            {
                reason = spec.BeforeStart is null ? null : await spec.BeforeStart(stop);
            }
            catch (InfrastructureException e)
            {
                if (_firstAnswer.TrySetException(e))
                    return;
                reason = e.Message;     // it ran before: perhaps it will again
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (reason is not null)
            {
                if (!_saidWaiting)
                    Log.Waiting(logger, spec.Name, reason);
                _saidWaiting = true;
                await Pause(s_retryInterval, stop);
                continue;
            }

            _restarts.Started();
            var exitCode = await RunOnceAsync(stop);
            if (stop.IsCancellationRequested)
                break;
            if (exitCode == ExclusiveLock.TakenExitCode)
            {
                // The previous run is still ending: not a crash.
                await Pause(s_retryInterval, stop);
                continue;
            }

            if (exitCode == PlaneMain.ConfigurationExitCode && !_firstAnswer.Task.IsCompleted)
            {
                _firstAnswer.TrySetException(new InfrastructureException($"{spec.Name} cannot start; its message stands above"));
                return;
            }

            var delay = _restarts.AfterDeath();
            Log.Ended(logger, spec.Name, exitCode, delay.TotalSeconds);
            await Pause(delay, stop);
        }
    }

    private async Task<int> RunOnceAsync(CancellationToken stop)
    {
        using var process = _process = StartProcess();
        Log.Started(logger, spec.Name, process.Id);
        _saidWaiting = false;
        var output = ForwardAsync(process, process.StandardOutput, limitFirst: spec.IsGuarded);
        var errors = ForwardAsync(process, process.StandardError, limitFirst: false);
        if (!spec.IsGuarded)
            Log.Limits(logger, spec.Name, limiter.Apply(process, spec.Limits));

        using var ended = new CancellationTokenSource();
        using var watching = CancellationTokenSource.CreateLinkedTokenSource(stop, ended.Token);
        var watch = WatchAsync(process, watching.Token);
        try
        {
            await process.WaitForExitAsync(stop);
        }
        catch (OperationCanceledException)
        {
            await EndAsync(process);
        }

        await ended.CancelAsync();
        await watch;
        // A grandchild may hold the pipes open; what it says then is nobody's.
        await Task.WhenAny(Task.WhenAll(output, errors), Task.Delay(TimeSpan.FromSeconds(1), time, CancellationToken.None));
        return process.ExitCode;
    }

    private Process StartProcess()
    {
        var start = new ProcessStartInfo(spec.FileName)
        {
            UseShellExecute = false,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var argument in spec.Arguments)
            start.ArgumentList.Add(argument);
        foreach (var (key, value) in spec.Environment)
            start.Environment[key] = value;
        return Process.Start(start)!;
    }

    /// <summary>Kills the process when its answers stay bad for <see cref="ProgressMonitor.DefaultPatience"/>.</summary>
    private async Task WatchAsync(Process process, CancellationToken cancellationToken)
    {
        var lastGood = time.GetTimestamp();
        var answered = false;
        var bad = 0;
        while (true)
        {
            await Pause(!answered ? s_retryInterval : bad > 0 ? s_doubtInterval : s_probeInterval, cancellationToken);
            if (cancellationToken.IsCancellationRequested)
                return;
            string? wrong;
            try
            {
                wrong = await spec.IsAlive(cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return;
            }

            if (wrong is null)
            {
                answered = true;
                bad = 0;
                lastGood = time.GetTimestamp();
                _firstAnswer.TrySetResult();
            }
            else if (++bad >= MinBadAnswers && time.GetElapsedTime(lastGood) > (answered ? ProgressMonitor.DefaultPatience : spec.StartPatience))
            {
                Log.Killing(logger, spec.Name, process.Id, wrong);
                Kill(process);
                return;
            }
        }
    }

    private async Task EndAsync(Process process)
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(spec.StopPatience, time);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Log.StopTooSlow(logger, spec.Name, spec.StopPatience.TotalSeconds);
            Kill(process);
            await process.WaitForExitAsync(CancellationToken.None);
        }
    }

    private static void Kill(Process process)
    {
        try
        {
            process.Kill(entireProcessTree: true);
        }
        catch (InvalidOperationException)
        {
            // Ended on its own in the same moment.
        }
    }

    private async Task ForwardAsync(Process process, StreamReader reader, bool limitFirst)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            if (limitFirst && line.StartsWith("guard: pid ", StringComparison.Ordinal))
            {
                limitFirst = false;
                try
                {
                    using var guarded = Process.GetProcessById(int.Parse(line["guard: pid ".Length..], CultureInfo.InvariantCulture));
                    Log.Limits(logger, spec.Name, limiter.Apply(guarded, spec.Limits));
                }
                catch (ArgumentException)
                {
                    Log.Limits(logger, spec.Name, "none, it ended at once");
                }

                continue;
            }

            // Planes write finished lines; PostgreSQL and nats-server get a name in front.
            log.WriteLine(spec.IsGuarded ? $"{log.Timestamp()} INF {spec.Name} {line}" : line);
        }
    }

    private async Task Pause(TimeSpan delay, CancellationToken cancellationToken)
    {
        try
        {
            if (delay > TimeSpan.Zero)
                await Task.Delay(delay, time, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The caller looks at its token next.
        }
    }

    private static partial class Log
    {
        [LoggerMessage(5101, LogLevel.Information, "{Name} started, pid {Pid}")]
        public static partial void Started(ILogger logger, string name, int pid);

        [LoggerMessage(5102, LogLevel.Warning, "{Name} ended with code {ExitCode}; starting it again in {DelaySeconds} s")]
        public static partial void Ended(ILogger logger, string name, int exitCode, double delaySeconds);

        [LoggerMessage(5103, LogLevel.Error, "{Name} (pid {Pid}) is stuck: {Cause}; killing and restarting it")]
        public static partial void Killing(ILogger logger, string name, int pid, string cause);

        [LoggerMessage(5104, LogLevel.Warning, "{Name} did not stop within {Seconds} s; killing it")]
        public static partial void StopTooSlow(ILogger logger, string name, double seconds);

        [LoggerMessage(5105, LogLevel.Debug, "{Name} limits: {Limits}")]
        public static partial void Limits(ILogger logger, string name, string limits);

        [LoggerMessage(5106, LogLevel.Information, "{Name} waits: {Reason}")]
        public static partial void Waiting(ILogger logger, string name, string reason);
    }
}
