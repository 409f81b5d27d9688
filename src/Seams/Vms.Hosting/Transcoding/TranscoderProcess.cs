using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using Vms.Native.Processes;

namespace Vms.Hosting.Transcoding;

/// <summary>What a child that converts may take, and where it works.</summary>
/// <param name="Nice">10 to 19, the lowest.</param>
/// <param name="AddressSpaceBytes">Null for no ceiling: drivers of hardware encoders map more than there is.</param>
/// <param name="FileBytes">Of each file that it may write; 0: it may write none.</param>
/// <param name="Directory">Where names of files begin that are not whole paths; null for one without any.</param>
/// <param name="TimeZone">IANA name, of the wall clock that it writes into pictures; null for UTC.</param>
public sealed record TranscoderLimits(int Nice, long? AddressSpaceBytes, long FileBytes, string? Directory, string? TimeZone)
{
    /// <summary>Address space of a child that encodes in software; 4K takes a quarter of it.</summary>
    public const long SoftwareAddressSpace = 4L << 30;

    /// <summary>Of one that works between two pipes.</summary>
    public static TranscoderLimits Of(TranscodeEncoder encoder)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        return new(10, encoder.IsSoftware ? SoftwareAddressSpace : null, 0, null, null);
    }
}

/// <summary>
/// A running ffmpeg that converts: a child with two pipes, none of our environment, no files but those it is allowed, and less right to
/// processor and memory than everything else. Owned by who started it; disposing kills it.
/// </summary>
public sealed class TranscoderProcess : IDisposable
{
    private const int OomScore = 950;

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
    public static TranscoderProcess Start(TranscodeEncoder encoder, IEnumerable<string> arguments) => Start(TranscoderLimits.Of(encoder), arguments);

    /// <exception cref="Win32Exception">There is no ffmpeg.</exception>
    public static TranscoderProcess Start(TranscoderLimits limits, IEnumerable<string> arguments)
    {
        ArgumentNullException.ThrowIfNull(limits);
        var start = new ProcessStartInfo("ffmpeg", arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            UseShellExecute = false,
            WorkingDirectory = limits.Directory ?? Path.GetTempPath(),
        };
        foreach (string key in start.Environment.Keys.Where(k => k is not ("PATH" or "SystemRoot" or "TEMP" or "TMPDIR")).ToList())
            start.Environment.Remove(key);
        if (limits.TimeZone is { } zone)
            start.Environment["TZ"] = zone;
        var process = Process.Start(start)!;
        GiveWay(process, limits);
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
    private static void GiveWay(Process process, TranscoderLimits limits)
    {
        try
        {
            if (!OperatingSystem.IsLinux())
            {
                process.PriorityClass = limits.Nice > 10 ? ProcessPriorityClass.Idle : ProcessPriorityClass.BelowNormal;
                return;
            }

            PosixProcess.SetNice(process.Id, limits.Nice);
            PosixProcess.Confine(process.Id, limits.AddressSpaceBytes, limits.FileBytes);
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
