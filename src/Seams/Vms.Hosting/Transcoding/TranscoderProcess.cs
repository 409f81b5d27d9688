using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vms.Native.Processes;

namespace Vms.Hosting.Transcoding;

/// <summary>
/// A running ffmpeg that converts: a child with two pipes, none of our environment, no files, and less right to processor and memory
/// than everything else. Owned by who started it; disposing kills it.
/// </summary>
public sealed class TranscoderProcess : IDisposable
{
    private const int Nice = 10;
    private const int OomScore = 950;

    /// <summary>Address space of a child that encodes in software; 4K takes a quarter of it.</summary>
    private const long MaxAddressSpace = 4L << 30;

    private const int MaxComplaint = 300;

    private readonly Process _process;
    private readonly StringBuilder _complaint = new();
    private readonly Lock _gate = new();

    private TranscoderProcess(Process process)
    {
        _process = process;
        (Id, Input, Output) = (process.Id, process.StandardInput.BaseStream, process.StandardOutput.BaseStream);
        process.ErrorDataReceived += (_, e) => Note(e.Data);
        process.BeginErrorReadLine();
    }

    public int Id { get; }

    public Stream Input { get; }

    public Stream Output { get; }

    /// <summary>The first words of its error output.</summary>
    public string Complaint
    {
        get
        {
            lock (_gate)
                return _complaint.ToString();
        }
    }

    /// <exception cref="Win32Exception">There is no ffmpeg.</exception>
    public static TranscoderProcess Start(TranscodeEncoder encoder, IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return Start(arguments, encoder.IsSoftware);
    }

    /// <summary>One that encodes nothing: what it is given is decoded in software.</summary>
    /// <exception cref="Win32Exception">There is no ffmpeg.</exception>
    public static TranscoderProcess StartDecoder(IEnumerable<string> arguments) => Start(arguments, isSoftware: true);

    private static TranscoderProcess Start(IEnumerable<string> arguments, bool isSoftware)
    {
        var start = new ProcessStartInfo("ffmpeg", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = Path.GetTempPath(),
        };
        foreach (string key in start.Environment.Keys.Where(k => k is not ("PATH" or "SystemRoot" or "TEMP" or "TMPDIR")).ToList())
            start.Environment.Remove(key);
        var process = Process.Start(start)!;
        GiveWay(process, isSoftware);
        return new TranscoderProcess(process);
    }

    /// <summary>Its exit code, once it has ended.</summary>
    public async Task<int> WaitAsync(CancellationToken cancellationToken)
    {
        await _process.WaitForExitAsync(cancellationToken);
        return _process.ExitCode;
    }

    /// <summary>Its pipes end with it, and with them the reading and writing that goes on.</summary>
    public void Kill()
    {
        try
        {
            _process.Kill();
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception)
        {
            // It has ended by itself.
        }
    }

    public void Dispose()
    {
        Kill();
        Input.Dispose();
        Output.Dispose();
        _process.Dispose();
    }

    /// <summary>Before it has been given anything: the threads it starts for its work inherit the priority.</summary>
    private static void GiveWay(Process process, bool isSoftware)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                process.PriorityClass = ProcessPriorityClass.BelowNormal;
                return;
            }

            PosixProcess.SetNice(process.Id, Nice);
            PosixProcess.Confine(process.Id, isSoftware ? MaxAddressSpace : null);
            File.WriteAllText($"/proc/{process.Id}/oom_score_adj", OomScore.ToString(CultureInfo.InvariantCulture));
        }
        catch (Exception e) when (e is InvalidOperationException or Win32Exception or IOException or UnauthorizedAccessException)
        {
            // It has ended already, or the system does not permit it.
        }
    }

    private void Note(string? line)
    {
        if (line is null)
            return;
        lock (_gate)
        {
            if (_complaint.Length < MaxComplaint)
                _complaint.Append(_complaint.Length > 0 ? "; " : "").Append(line.AsSpan(0, Math.Min(line.Length, MaxComplaint)));
        }
    }
}
