using System.ComponentModel;
using Vms.Hosting.Transcoding;

namespace Vms.Recorder.ReadBack;

/// <summary>
/// Has the first picture of a recorded fragment decoded, by a child that takes it as any player would: the recorder itself decodes nothing
/// that a camera sent (docs/design/snapshots.md). Any thread.
/// </summary>
internal sealed class KeyframeDecoder(TimeProvider time)
{
    /// <summary>The picture comes back this small: all that counts is that there is one.</summary>
    private const int Side = 16;

    /// <summary>It gives way to everything else: on a busy machine its start alone takes seconds.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(40);

    private static readonly TranscoderLimits s_limits = new(Nice: 10, TranscoderLimits.SoftwareAddressSpace, FileBytes: 0, Directory: null, TimeZone: null);

    /// <summary>One thread, the first picture, and an error in it is one: ffmpeg would else paint over what it cannot decode.</summary>
    private static readonly string[] s_arguments =
    [
        "-nostdin", "-v", "error", "-xerror", "-threads", "1", "-f", "mp4", "-i", "pipe:0",
        "-map", "0:v:0", "-frames:v", "1", "-vf", $"scale={Side}:{Side}", "-pix_fmt", "gray", "-f", "rawvideo", "pipe:1",
    ];

    /// <param name="clip">Init segment and fragments: a file. Borrowed.</param>
    /// <returns>Good, undecodable, or not decoded: there is no ffmpeg, or it did not end in time.</returns>
    public async Task<ReadBackVerdict> DecodeAsync(ReadOnlyMemory<byte> clip, CancellationToken cancellationToken)
    {
        using var patience = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
        try
        {
            using var child = TranscoderProcess.Start(s_limits, s_arguments);
            var feeding = FeedAsync(child.Input, clip, either.Token);
            byte[] picture = new byte[(Side * Side) + 1];
            int length = await child.Output.ReadAtLeastAsync(picture, picture.Length, throwOnEndOfStream: false, either.Token);
            int code = await child.WaitAsync(either.Token);
            await feeding;
            return code == 0 && length == Side * Side
                ? ReadBackVerdict.Good
                : new ReadBackVerdict(ReadBackResult.Undecodable, child.Complaint is { Length: > 0 } complaint ? complaint : $"ffmpeg made no picture of it (exit code {code})");
        }
        catch (Win32Exception)
        {
            return new ReadBackVerdict(ReadBackResult.NotDecoded, "ffmpeg is not installed");
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new ReadBackVerdict(ReadBackResult.NotDecoded, $"ffmpeg did not end within {s_patience.TotalSeconds:0} s");
        }
    }

    /// <summary>It closes its end when it has what it needs, or cannot go on: its exit code says which.</summary>
    private static async Task FeedAsync(Stream input, ReadOnlyMemory<byte> clip, CancellationToken cancellationToken)
    {
        try
        {
            await input.WriteAsync(clip, cancellationToken);
            input.Close();
        }
        catch (IOException)
        {
            // See the summary.
        }
    }
}
