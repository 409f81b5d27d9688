using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Vms.Testing.Processes;

/// <summary>
/// A process that cannot outlive the test process. On Linux a small shell holds the read end of a pipe and kills the child
/// when the pipe ends, also after <c>kill -9</c> of the tests; elsewhere the child is killed on dispose and on exit.
/// </summary>
/// <remarks>Output is collected, standard output and error together, the last <see cref="MaxLines"/> lines. Any thread.</remarks>
public sealed partial class ChildProcess : IAsyncDisposable
{
    private const int MaxLines = 2000;

    // $1 is a folder to delete when the pipe ends, the rest runs with a standard input of its own; the first line of output is
    // its pid. The watcher ends with the child, or ends the child with the pipe.
    private const string Guard = """
        exec 3<&0
        folder=$1
        shift
        sh -c 'echo $$; exec "$@"' sh "$@" </dev/null 3<&- &
        child=$!
        (
            cat <&3
            trap '' TERM
            kill -KILL $child
            [ -z "$folder" ] || rm -rf "$folder" || { sleep 1; rm -rf "$folder"; }
        ) >/dev/null 2>&1 &
        watcher=$!
        wait $child
        code=$?
        kill $watcher 2>/dev/null
        exit $code
        """;

    private readonly Process _process;
    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new();
    private readonly TaskCompletionSource<int> _pid = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private event Action? OutputChanged;

    private ChildProcess(Process process) => _process = process;

    /// <summary>Pid of the program itself.</summary>
    public int Pid { get; private set; }

    public bool HasExited => _process.HasExited;

    /// <summary>Only after it has exited; 128 + signal when a signal ended it.</summary>
    public int ExitCode => _process.ExitCode;

    /// <summary>What it wrote so far.</summary>
    public string Output
    {
        get
        {
            lock (_gate)
                return string.Join('\n', _lines);
        }
    }

    /// <param name="file">Program, found on the PATH.</param>
    /// <param name="environment">Added to this process's environment; null removes a variable.</param>
    /// <param name="folder">Deleted when this process ends before it has disposed of the child (Linux).</param>
    public static async Task<ChildProcess> StartAsync(
        string file, IEnumerable<string> arguments, IReadOnlyDictionary<string, string?>? environment = null, string? workingDirectory = null,
        TestDirectory? folder = null)
    {
        bool guarded = !OperatingSystem.IsWindows();
        string[] prefix = guarded ? ["-c", Guard, "sh", folder?.Path ?? "", file] : [];
        var start = new ProcessStartInfo(guarded ? "/bin/sh" : file, [.. prefix, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = workingDirectory ?? "",
        };
        foreach (var (name, value) in environment ?? new Dictionary<string, string?>())
            start.Environment[name] = value;

        var child = new ChildProcess(new Process { StartInfo = start });
        child._process.OutputDataReceived += (_, line) => child.OnLine(line.Data, guarded);
        child._process.ErrorDataReceived += (_, line) => child.OnLine(line.Data, expectPid: false);
        child._process.Start();
        child._process.BeginOutputReadLine();
        child._process.BeginErrorReadLine();
        if (!guarded)
        {
            AppDomain.CurrentDomain.ProcessExit += child.OnProcessExit;
            child._pid.TrySetResult(child._process.Id);
        }

        child.Pid = await child._pid.Task.WaitAsync(TimeSpan.FromSeconds(60));
        return child;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <exception cref="InvalidOperationException">It exited with another code than 0; the message holds its output.</exception>
    public static async Task<string> RunAsync(string file, IEnumerable<string> arguments, TimeSpan? deadline = null)
    {
        await using var child = await StartAsync(file, arguments);
        await child.WaitForExitAsync(deadline ?? TimeSpan.FromMinutes(1));
        return child.ExitCode == 0
            ? child.Output
            : throw new InvalidOperationException($"{file} exited with {child.ExitCode}:\n{child.Output}");
    }

    /// <summary>Waits until the output satisfies <paramref name="condition"/>.</summary>
    /// <exception cref="TimeoutException">It did not in time, or the program ended before; the message holds the output.</exception>
    public async Task WaitForOutputAsync(Func<string, bool> condition, TimeSpan deadline)
    {
        var changed = new SemaphoreSlim(0);
        void Release() => changed.Release();
        OutputChanged += Release;
        try
        {
            using var end = new CancellationTokenSource(deadline);
            while (!condition(Output))
            {
                if (HasExited)
                    throw new TimeoutException($"{_process.StartInfo.FileName} ended with {ExitCode}:\n{Output}");
                await changed.WaitAsync(TimeSpan.FromMilliseconds(200), end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Not in time:\n{Output}");
        }
        finally
        {
            OutputChanged -= Release;
        }
    }

    /// <exception cref="TimeoutException">It still runs at the deadline.</exception>
    public async Task WaitForExitAsync(TimeSpan deadline)
    {
        try
        {
            await _process.WaitForExitAsync().WaitAsync(deadline);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException($"{_process.StartInfo.FileName} still runs after {deadline}:\n{Output}");
        }
    }

    /// <summary>Sends a signal to the program (Linux).</summary>
    public void Signal(PosixSignalNumber signal)
    {
        if (!HasExited)
            _ = kill(Pid, (int)signal);
    }

    /// <summary>What the kernel does when this process dies: ends the pipe that keeps the child alive.</summary>
    public void CloseLifeline() => _process.StandardInput.Close();

    /// <summary>Ends it at once, without warning.</summary>
    public async Task KillAsync()
    {
        if (OperatingSystem.IsWindows())
            _process.Kill(entireProcessTree: true);
        else
            Signal(PosixSignalNumber.Kill);
        await WaitForExitAsync(TimeSpan.FromSeconds(60));
    }

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= OnProcessExit;
        if (!HasExited)
            await KillAsync();
        _process.Dispose();
    }

    private void OnLine(string? line, bool expectPid)
    {
        if (line is null)
        {
            if (expectPid)
                _pid.TrySetException(new InvalidOperationException($"The program did not start:\n{Output}"));
            return;
        }

        if (expectPid && !_pid.Task.IsCompleted && int.TryParse(line, out int pid))
        {
            _pid.TrySetResult(pid);
            return;
        }

        lock (_gate)
        {
            _lines.Enqueue(line);
            if (_lines.Count > MaxLines)
                _lines.Dequeue();
        }

        OutputChanged?.Invoke();
    }

    private void OnProcessExit(object? sender, EventArgs e)
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}

/// <summary>Numbers of Linux signals a test sends.</summary>
public enum PosixSignalNumber
{
    Interrupt = 2,
    Quit = 3,
    Kill = 9,
    Terminate = 15,
    Continue = 18,
    Stop = 19,
}
