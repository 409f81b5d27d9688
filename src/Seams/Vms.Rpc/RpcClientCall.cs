using System.Globalization;
using System.IO.Pipelines;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.ExceptionServices;
using Google.Protobuf;
using Vms.Rpc.Wire;

namespace Vms.Rpc;

/// <summary>
/// One call on the client. Translates everything that can go wrong into <see cref="RpcException"/> in one place; only the
/// caller's own cancellation stays an <see cref="OperationCanceledException"/>. Disposing ends the call on the wire.
/// </summary>
internal sealed class RpcClientCall<TRequest, TReply> : IAsyncDisposable
    where TRequest : class, IMessage<TRequest>
    where TReply : class, IMessage<TReply>
{
    private readonly MessageParser<TReply> _parser;
    private readonly CancellationToken _callerGaveUp;
    private readonly CancellationTokenSource _expired;
    private readonly CancellationTokenSource _ended;
    private readonly HttpRequestMessage _request;
    private readonly RpcRequestContent<TRequest> _content;
    private HttpResponseMessage? _response;
    private PipeReader? _replies;

    public RpcClientCall(
        Uri url, IAsyncEnumerable<TRequest> requests, MessageParser<TReply> parser, RpcCallOptions options, TimeProvider time,
        CancellationToken cancellationToken)
    {
        _parser = parser;
        _callerGaveUp = cancellationToken;
        var deadline = Clamp(options.Deadline);
        _expired = new CancellationTokenSource(deadline, time);
        _ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _expired.Token);
        _content = new RpcRequestContent<TRequest>(requests, _ended.Token);
        _request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = _content,
        };
        _request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        _request.Headers.TryAddWithoutValidation(GrpcHeaders.AcceptEncoding, GrpcHeaders.Identity);
        if (deadline != Timeout.InfiniteTimeSpan)
            _request.Headers.TryAddWithoutValidation(GrpcHeaders.Timeout, GrpcTimeout.Format(deadline));
        foreach (var (key, value) in options.Metadata ?? []) _request.Headers.TryAddWithoutValidation(key, value);
    }

    /// <summary>Sends the request head and waits for the answer's head.</summary>
    public async Task StartAsync(HttpMessageInvoker http)
    {
        try
        {
            _response = await http.SendAsync(_request, _ended.Token);
            CheckHead(_response);
            _replies = PipeReader.Create(await _response.Content.ReadAsStreamAsync(_ended.Token));
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e);
        }
    }

    /// <summary>The next reply; null when the call ended with OK.</summary>
    public async ValueTask<TReply?> ReadAsync()
    {
        try
        {
            if (await GrpcFraming.ReadAsync(_replies!, _parser, _ended.Token) is { } reply) return reply;
        }
        catch (Exception e) when (e is not RpcException)
        {
            throw Translate(e);
        }

        if (_content.Fault is not null) throw Translate(_content.Fault);
        if (!TryReadStatus(_response!.TrailingHeaders, out var failure) && !TryReadStatus(_response.Headers, out failure))
            failure = new RpcException(RpcStatus.Unknown, "The answer ended without a grpc-status.");
        return failure is null ? null : throw failure;
    }

    /// <summary>The one reply of a unary or client-streaming call.</summary>
    public async Task<TReply> ReadOnlyAsync()
    {
        var reply = await ReadAsync() ?? throw new RpcException(RpcStatus.Internal, "The call ended with OK and without a message.");
        return await ReadAsync() is null
            ? reply
            : throw new RpcException(RpcStatus.Internal, "More than one message came for a call that answers one.");
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();   // stops a request stream that is still being sent
        _response?.Dispose();
        _request.Dispose();
        _ended.Dispose();
        _expired.Dispose();
    }

    private static TimeSpan Clamp(TimeSpan deadline) =>
        deadline == Timeout.InfiniteTimeSpan ? deadline
        : deadline < TimeSpan.Zero ? TimeSpan.Zero
        : deadline > GrpcTimeout.Longest ? GrpcTimeout.Longest
        : deadline;

    private static void CheckHead(HttpResponseMessage response)
    {
        if (TryReadStatus(response.Headers, out var failure) && failure is not null) throw failure;   // trailers-only

        if (response.StatusCode != HttpStatusCode.OK)
            throw new RpcException(OfHttp(response.StatusCode), $"The server answered with HTTP status {(int)response.StatusCode}.");
        if (!GrpcHeaders.IsGrpc(response.Content.Headers.ContentType?.ToString()))
            throw new RpcException(RpcStatus.Unknown, "The answer is not application/grpc.");
        if (response.Headers.TryGetValues(GrpcHeaders.Encoding, out var encoding) && encoding.Any(e => e != GrpcHeaders.Identity))
            throw new RpcException(RpcStatus.Internal, "The answer is compressed, which was not offered.");
    }

    /// <summary>False when there is no status; <paramref name="failure"/> is null when it is OK.</summary>
    private static bool TryReadStatus(HttpResponseHeaders headers, out RpcException? failure)
    {
        failure = null;
        if (!headers.TryGetValues(GrpcHeaders.Status, out var values)) return false;

        if (!int.TryParse(values.First(), NumberStyles.None, CultureInfo.InvariantCulture, out var code) || !Enum.IsDefined((RpcStatus)code))
            code = (int)RpcStatus.Unknown;
        if (code == (int)RpcStatus.Ok) return true;

        var detail = headers.TryGetValues(GrpcHeaders.Message, out var messages) ? GrpcMessageText.Decode(messages.First()) : "";
        var trailers = new RpcMetadata();
        foreach (var (key, all) in headers)
            foreach (var value in all)
                trailers.AddReceived(key, value);
        failure = new RpcException((RpcStatus)code, detail) { Trailers = trailers };
        return true;
    }

    /// <summary>"HTTP to gRPC Status Code Mapping" of the gRPC documentation.</summary>
    private static RpcStatus OfHttp(HttpStatusCode status) => status switch
    {
        HttpStatusCode.BadRequest => RpcStatus.Internal,
        HttpStatusCode.Unauthorized => RpcStatus.Unauthenticated,
        HttpStatusCode.Forbidden => RpcStatus.PermissionDenied,
        HttpStatusCode.NotFound => RpcStatus.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout => RpcStatus.Unavailable,
        _ => RpcStatus.Unknown,
    };

    private Exception Translate(Exception e)
    {
        if (_callerGaveUp.IsCancellationRequested) return new OperationCanceledException("The call was cancelled.", e, _callerGaveUp);
        if (_expired.IsCancellationRequested) return new RpcException(RpcStatus.DeadlineExceeded, "The deadline passed.", e);
        if (_content.Fault is { } fault) ExceptionDispatchInfo.Throw(fault);

        for (var cause = e; cause is not null; cause = cause.InnerException)
            if (cause is HttpProtocolException reset)
                return new RpcException(OfReset(reset.ErrorCode), "The server reset the call.", e);

        return e is HttpRequestException or IOException
            ? new RpcException(RpcStatus.Unavailable, "The server cannot be reached.", e)
            : new RpcException(RpcStatus.Internal, "The call failed.", e);
    }

    /// <summary>HTTP/2 error codes (RFC 9113 §7) as the gRPC protocol maps them.</summary>
    private static RpcStatus OfReset(long errorCode) => errorCode switch
    {
        0x7 => RpcStatus.Unavailable,         // REFUSED_STREAM
        0x8 => RpcStatus.Cancelled,           // CANCEL
        0xB => RpcStatus.ResourceExhausted,   // ENHANCE_YOUR_CALM
        0xC => RpcStatus.PermissionDenied,    // INADEQUATE_SECURITY
        _ => RpcStatus.Internal,
    };
}
