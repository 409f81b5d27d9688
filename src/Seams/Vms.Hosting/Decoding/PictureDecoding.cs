using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using Microsoft.Extensions.Logging;
using Vms.Native.Ffmpeg;
using Vms.Native.Jpeg;

namespace Vms.Hosting.Decoding;

/// <summary>
/// Has pictures decoded by a child process, one at a time. A picture that crashes or stalls the decoder costs that child and one
/// snapshot; the plane and its viewers do not notice. The child is started when it is needed and ended when nobody asked for two minutes: one that has
/// something to do once a minute need not start each time.
/// </summary>
/// <remarks>Any thread.</remarks>
public sealed partial class PictureDecoding : IDisposable
{
    /// <summary>Callers that wait for their turn; one more is refused.</summary>
    private const int MaxWaiting = 64;

    /// <summary>A 1080p keyframe takes 25 ms of a processor, for which the child has to wait behind everything else (nice 10).</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    /// <summary>For the first answer of a child: on a busy machine its start is by far the longest part.</summary>
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_idle = TimeSpan.FromMinutes(2);

    private readonly string _program;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly TimeProvider _time;
    private readonly ILogger<PictureDecoding> _logger;
    private readonly ITimer _idleTimer;
    private Process? _child;
    private int _waiting;

    /// <param name="program">Which of our programs is started as the child; see <see cref="DecoderChild.Start"/>.</param>
    public PictureDecoding(string program, TimeProvider time, ILogger<PictureDecoding> logger)
    {
        _program = program;
        _time = time;
        _logger = logger;
        _idleTimer = time.CreateTimer(_ => EndIdle(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Process id of the child; null while there is none.</summary>
    public int? ChildId => _child?.Id;

    /// <exception cref="PictureException">There is no picture; the message says why.</exception>
    public async Task<JpegPicture> ToJpegAsync(
        PictureCodec codec, ReadOnlyMemory<byte> picture, int maxWidth, int quality, CancellationToken cancellationToken)
    {
        var (jpeg, width, height) = await DecodeAsync(new DecoderRequest(DecoderOutput.Jpeg, codec, maxWidth, quality), picture, cancellationToken);
        return new JpegPicture(jpeg, width, height);
    }

    /// <summary>The last of several access units that follow each other in the order of decoding, beginning with a keyframe.</summary>
    /// <param name="units">As <see cref="PicturesUpTo"/> has them.</param>
    /// <exception cref="PictureException">There is no picture; the message says why.</exception>
    public async Task<JpegPicture> ToJpegOfLastAsync(
        PictureCodec codec, ReadOnlyMemory<byte> units, int maxWidth, int quality, CancellationToken cancellationToken)
    {
        var (jpeg, width, height) = await DecodeAsync(new DecoderRequest(DecoderOutput.JpegOfLast, codec, maxWidth, quality), units, cancellationToken);
        return new JpegPicture(jpeg, width, height);
    }

    /// <summary>Its brightness alone, for comparing pictures with each other.</summary>
    /// <exception cref="PictureException">There is no picture; the message says why.</exception>
    public async Task<LumaPicture> ToLumaAsync(PictureCodec codec, ReadOnlyMemory<byte> picture, int maxWidth, CancellationToken cancellationToken)
    {
        var (pixels, width, height) = await DecodeAsync(new DecoderRequest(DecoderOutput.Luma, codec, maxWidth, Quality: 0), picture, cancellationToken);
        return pixels.Length == width * height
            ? new LumaPicture(pixels, width, height)
            : throw new PictureException($"The decoder gave {pixels.Length} bytes for {width} × {height} pixels");
    }

    private async Task<DecodedPicture> DecodeAsync(DecoderRequest request, ReadOnlyMemory<byte> picture, CancellationToken cancellationToken)
    {
        if (picture.Length > DecoderMessages.MaxBytes - DecoderMessages.RequestHeaderBytes)
            throw new PictureException("The picture is too large to be decoded");
        if (Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            throw new PictureException("Too many pictures wait to be decoded") { IsBusy = true };
        }

        try
        {
            await _turn.WaitAsync(cancellationToken);
            try
            {
                return await AskAsync(request, picture);
            }
            finally
            {
                _idleTimer.Change(s_idle, Timeout.InfiniteTimeSpan);
                _turn.Release();
            }
        }
        finally
        {
            Interlocked.Decrement(ref _waiting);
        }
    }

    public void Dispose()
    {
        _idleTimer.Dispose();
        End();
        _turn.Dispose();
    }

    /// <summary>Not cancelled by the caller: the child would be left in the middle of an answer.</summary>
    private async Task<DecodedPicture> AskAsync(DecoderRequest request, ReadOnlyMemory<byte> picture)
    {
        var limit = _child is null ? s_startPatience : s_patience;
        using var patience = new CancellationTokenSource(limit, _time);
        try
        {
            var child = _child ??= DecoderChild.Start(_program, DecoderWorker.Argument);
            await SendAsync(child.StandardInput.BaseStream, request, picture, patience.Token);
            return await ReceiveAsync(child.StandardOutput.BaseStream, patience.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or System.ComponentModel.Win32Exception)
        {
            string reason = e is OperationCanceledException ? $"did not answer within {limit.TotalSeconds:0} s" : "ended on it";
            Log.ChildLost(_logger, request.Codec, picture.Length, reason);
            End();
            throw new PictureException($"The decoder {reason}");
        }
    }

    private static async Task SendAsync(Stream input, DecoderRequest request, ReadOnlyMemory<byte> picture, CancellationToken cancellationToken)
    {
        var header = new byte[DecoderMessages.LengthBytes + DecoderMessages.RequestHeaderBytes];
        BinaryPrimitives.WriteInt32LittleEndian(header, DecoderMessages.RequestHeaderBytes + picture.Length);
        DecoderMessages.WriteRequestHeader(header.AsSpan(DecoderMessages.LengthBytes), request);
        await input.WriteAsync(header, cancellationToken);
        await input.WriteAsync(picture, cancellationToken);
        await input.FlushAsync(cancellationToken);
    }

    private static async Task<DecodedPicture> ReceiveAsync(Stream output, CancellationToken cancellationToken)
    {
        var length = new byte[DecoderMessages.LengthBytes];
        await output.ReadExactlyAsync(length, cancellationToken);
        int size = BinaryPrimitives.ReadInt32LittleEndian(length);
        if (size is < DecoderMessages.ReplyHeaderBytes or > DecoderMessages.MaxBytes)
            throw new IOException($"The decoder announced an answer of {size} bytes");
        var reply = new byte[size];
        await output.ReadExactlyAsync(reply, cancellationToken);
        var (verdict, width, height) = DecoderMessages.ReadReplyHeader(reply);
        var body = reply.AsSpan(DecoderMessages.ReplyHeaderBytes);
        return verdict == DecoderVerdict.Decoded
            ? new DecodedPicture(body.ToArray(), width, height)
            : throw new PictureException(Encoding.UTF8.GetString(body), isRejected: verdict == DecoderVerdict.Rejected);
    }

    private void EndIdle()
    {
        if (!_turn.Wait(0))
            return;     // in use, and the timer is set again after it
        try
        {
            End();
        }
        finally
        {
            _turn.Release();
        }
    }

    private void End()
    {
        if (_child is not { } child)
            return;
        _child = null;
        DecoderChild.End(child);
    }

    /// <param name="Bytes">In the form that was asked for.</param>
    private readonly record struct DecodedPicture(byte[] Bytes, int Width, int Height);

    private static partial class Log
    {
        [LoggerMessage(6050, LogLevel.Warning, "The picture decoder was given a {Codec} picture of {Bytes} bytes and {What}; it is started again for the next one")]
        public static partial void ChildLost(ILogger logger, PictureCodec codec, int bytes, string what);
    }
}

/// <summary>There is no picture; the message is for the operator.</summary>
/// <param name="isRejected">The decoder has looked at it. Else another try may bring one.</param>
public sealed class PictureException(string message, bool isRejected = false) : Exception(message)
{
    public bool IsRejected => isRejected;

    /// <summary>It was not tried: there was no room. A moment later there may be.</summary>
    public bool IsBusy { get; init; }
}
