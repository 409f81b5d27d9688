using System.Globalization;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Google.Protobuf;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Vms.Rpc.Wire;

namespace Vms.Rpc;

/// <summary>
/// One call on the server: request stream in, messages and a status out. Ends in exactly one of: status in trailers,
/// trailers-only answer (no message was sent yet), or nothing (the caller hung up).
/// </summary>
internal sealed partial class RpcServerCall
{
    private readonly HttpContext _http;

    private RpcServerCall(HttpContext http, RpcContext context)
    {
        _http = http;
        Context = context;
    }

    public RpcContext Context { get; }

    public static async Task RunAsync(HttpContext http, string method, Func<RpcServerCall, Task> serve)
    {
        if (!TryAccept(http)) return;

        var time = http.RequestServices.GetService<TimeProvider>() ?? TimeProvider.System;
        var timeoutHeader = http.Request.Headers[GrpcHeaders.Timeout].ToString();
        var timeout = Timeout.InfiniteTimeSpan;
        if (timeoutHeader.Length > 0 && !GrpcTimeout.TryParse(timeoutHeader, out timeout))
        {
            await EndAsync(http, RpcStatus.Internal, "The grpc-timeout is malformed.", null);
            return;
        }

        var encoding = http.Request.Headers[GrpcHeaders.Encoding].ToString();
        if (encoding is not ("" or GrpcHeaders.Identity))
        {
            await EndAsync(http, RpcStatus.Unimplemented, $"Encoding '{encoding}' is not supported.", null);
            return;
        }

        using var expired = new CancellationTokenSource(timeout, time);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, expired.Token);
        DateTimeOffset? deadline = timeout == Timeout.InfiniteTimeSpan ? null : time.GetUtcNow() + timeout;
        var call = new RpcServerCall(http, new RpcContext(http, method, deadline, ended.Token));

        try
        {
            await serve(call);
            await EndAsync(http, RpcStatus.Ok, "", call.Context.Trailers);
        }
        catch (Exception) when (http.RequestAborted.IsCancellationRequested)
        {
            // Nobody is left to be told.
        }
        catch (Exception) when (expired.IsCancellationRequested)
        {
            await EndAsync(http, RpcStatus.DeadlineExceeded, "The deadline passed.", call.Context.Trailers);
        }
        catch (RpcException e)
        {
            foreach (var (key, value) in e.Trailers) call.Context.Trailers.AddReceived(key, value);
            await EndAsync(http, e.Status, e.Detail, call.Context.Trailers);
        }
        catch (Exception e)
        {
            Log.HandlerFailed(LoggerOf(http), e, method);
            await EndAsync(http, RpcStatus.Internal, "Internal error.", call.Context.Trailers);
        }
    }

    /// <summary>Sends the response headers before the first message.</summary>
    public Task StartAsync() => _http.Response.StartAsync(Context.CancellationToken);

    /// <summary>The one request message of a unary or server-streaming call.</summary>
    public async Task<T> ReadOnlyAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        var message = await ReadAsync(parser) ?? throw new RpcException(RpcStatus.Internal, "The request message is missing.");
        return await ReadAsync(parser) is null
            ? message
            : throw new RpcException(RpcStatus.Internal, "More than one request message came for a call that takes one.");
    }

    public async IAsyncEnumerable<T> ReadAllAsync<T>(
        MessageParser<T> parser, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class, IMessage<T>
    {
        cancellationToken.ThrowIfCancellationRequested();
        while (await ReadAsync(parser) is { } message) yield return message;
    }

    public async Task SendAsync(IMessage message)
    {
        GrpcFraming.Write(_http.Response.BodyWriter, message);
        ThrowIfGone(await _http.Response.BodyWriter.FlushAsync(Context.CancellationToken));
    }

    public async Task SendAllAsync<T>(IAsyncEnumerable<T> messages)
        where T : class, IMessage<T>
    {
        await foreach (var message in messages.WithCancellation(Context.CancellationToken)) await SendAsync(message);
    }

    private async ValueTask<T?> ReadAsync<T>(MessageParser<T> parser)
        where T : class, IMessage<T>
    {
        try
        {
            return await GrpcFraming.ReadAsync(_http.Request.BodyReader, parser, Context.CancellationToken);
        }
        catch (Exception e) when (e is IOException or ConnectionAbortedException)
        {
            throw new RpcException(RpcStatus.Cancelled, "The caller went away.", e);
        }
    }

    private static void ThrowIfGone(FlushResult flushed)
    {
        if (flushed.IsCanceled || flushed.IsCompleted) throw new RpcException(RpcStatus.Cancelled, "The caller went away.");
    }

    private static bool TryAccept(HttpContext http)
    {
        if (!RpcListener.Accepts(http.Features))
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return false;
        }

        if (!HttpProtocol.IsHttp2(http.Request.Protocol))
        {
            http.Response.StatusCode = StatusCodes.Status426UpgradeRequired;
            return false;
        }

        if (!GrpcHeaders.IsGrpc(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return false;
        }

        // A stream may be idle for hours and carry any amount: each message has its own ceiling.
        if (http.Features.Get<IHttpMinRequestBodyDataRateFeature>() is { } rate) rate.MinDataRate = null;
        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size) size.MaxRequestBodySize = null;

        http.Response.ContentType = GrpcHeaders.ContentType;
        http.Response.Headers[GrpcHeaders.AcceptEncoding] = GrpcHeaders.Identity;
        return true;
    }

    private static async Task EndAsync(HttpContext http, RpcStatus status, string detail, RpcMetadata? trailers)
    {
        // Trailers-only when nothing was sent: the status stands in the one header block.
        var response = http.Response;
        var target = response.HasStarted ? http.Features.GetRequiredFeature<IHttpResponseTrailersFeature>().Trailers : response.Headers;
        target[GrpcHeaders.Status] = ((int)status).ToString(CultureInfo.InvariantCulture);
        if (detail.Length > 0) target[GrpcHeaders.Message] = GrpcMessageText.Encode(detail);
        foreach (var (key, value) in trailers ?? []) target.Append(key, value);

        await response.CompleteAsync();
    }

    private static ILogger LoggerOf(HttpContext http) => http.RequestServices.GetRequiredService<ILogger<RpcServerCall>>();

    private static partial class Log
    {
        [LoggerMessage(6201, LogLevel.Error, "Call {Method} failed in its handler; answered INTERNAL")]
        public static partial void HandlerFailed(ILogger logger, Exception exception, string method);
    }
}
