using System.IO.Pipelines;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;

namespace Vms.Bus.Wire;

/// <summary>
/// One logged-in connection to one server: read loop, write loop, pings. It dies once and is replaced, never repaired. The
/// connection that made it owns it.
/// </summary>
internal sealed class BusSession : IDisposable
{
    private const int ReadBufferBytes = 32 * 1024;
    private const int MaxUnansweredPings = 2;

    private readonly Stream _stream;
    private readonly PipeReader _input;
    private readonly TimeProvider _time;
    private readonly TimeSpan _pingInterval;
    private readonly Lock _pingGate = new();
    private readonly Queue<TaskCompletionSource> _pings = new();
    private volatile ServerInfo _info;
    private long _lastHeard;   // monotonic

    private BusSession(Stream stream, PipeReader input, ServerInfo info, NatsServer server, BusOptions options, TimeProvider time)
    {
        _stream = stream;
        _input = input;
        _info = info;
        _time = time;
        _pingInterval = options.PingInterval;
        _lastHeard = time.GetTimestamp();
        Server = server;
        Output = new SendBuffer(options.PendingBytesMax);
    }

    public NatsServer Server { get; }

    public ServerInfo Info => _info;

    public SendBuffer Output { get; }

    /// <summary>Connects, upgrades to TLS where asked for, logs in and waits for the first PONG.</summary>
    /// <exception cref="BusException">Unreachable, Unauthorized, Timeout or ProtocolViolation.</exception>
    public static async Task<BusSession> ConnectAsync(
        NatsServer server, BusOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        using var expired = new CancellationTokenSource(options.ConnectTimeout, time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, expired.Token);
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(server.Host, server.Port, limit.Token);
            return await LogInAsync(new NetworkStream(socket, ownsSocket: true), server, options, time, limit.Token);
        }
        catch (Exception e)
        {
            socket.Dispose();
            if (cancellationToken.IsCancellationRequested) throw new OperationCanceledException(null, e, cancellationToken);
            throw e switch
            {
                BusException => e,
                OperationCanceledException => new BusException(BusErrorKind.Timeout, $"{server} did not answer in {options.ConnectTimeout}.", e),
                AuthenticationException => new BusException(BusErrorKind.Unauthorized, $"{server}: TLS failed: {e.Message}", e),
                _ => new BusException(BusErrorKind.Unreachable, $"{server} cannot be reached: {e.Message}", e),
            };
        }
    }

    /// <summary>Runs until the connection dies or the token fires. Returns why it ended; never throws.</summary>
    public async Task<BusException> RunAsync(Action<NatsOp> onMessage, Action<string> onServerError, CancellationToken cancellationToken)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task[] loops = [ReadAsync(onMessage, onServerError, ended.Token), WriteAsync(ended.Token), PingAsync(ended.Token)];
        var first = await Task.WhenAny(loops);
        await ended.CancelAsync();
        await _stream.DisposeAsync();   // a blocked write ends now
        await Task.WhenAll(loops).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        CloseOutput();

        return first.Exception?.InnerException switch
        {
            BusException e => e,
            { } e => new BusException(BusErrorKind.Disconnected, $"{Server}: {e.Message}", e),
            null => new BusException(BusErrorKind.Disconnected, $"{Server} closed the connection."),
        };
    }

    /// <summary>Completes when the server has seen everything that was sent before. Fails with the session.</summary>
    public Task PingPongAsync()
    {
        var answered = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_pingGate)
        {
            // Under the lock, so that the order of the queue is the order on the wire.
            if (Output.Append(NatsWriter.Ping.Span)) _pings.Enqueue(answered);
            else answered.SetException(Lost());
        }

        return answered.Task;
    }

    public void Dispose()
    {
        CloseOutput();
        _stream.Dispose();
    }

    private void CloseOutput()
    {
        if (Output.Close() is > 0 and var lost) BusMetrics.Dropped("disconnected", lost);
        lock (_pingGate)
        {
            while (_pings.TryDequeue(out var waiting))
                waiting.TrySetException(Lost());
        }
    }

    private BusException Lost() => new(BusErrorKind.Disconnected, $"{Server}: the connection was lost.");

    private static async Task<BusSession> LogInAsync(
        Stream stream, NatsServer server, BusOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        var pipe = new StreamPipeReaderOptions(bufferSize: ReadBufferBytes, leaveOpen: true);
        var input = PipeReader.Create(stream, pipe);
        var greeting = await NextAsync(input, NatsParser.MaxControlLine, cancellationToken);
        if (greeting.Kind is not NatsOperation.Info || !ServerInfo.TryParse(greeting.Bytes.Span, out var info))
            throw new BusException(BusErrorKind.ProtocolViolation, $"{server} does not greet with INFO.");
        if (!info.Headers)
            throw new BusException(BusErrorKind.ProtocolViolation, $"{server} (version {info.Version}) has no headers; 2.9 or later is needed.");

        var tls = server.InsistsOnTls || info.TlsRequired;
        if (tls)
        {
            if (!info.TlsRequired && !info.TlsAvailable)
                throw new BusException(BusErrorKind.Unauthorized, $"{server} offers no TLS, but tls:// was asked for.");

            // What came in clear text behind INFO would pass for encrypted data.
            if (input.TryRead(out var early) && !early.Buffer.IsEmpty)
                throw new BusException(BusErrorKind.ProtocolViolation, $"{server} sent data before TLS.");

            await input.CompleteAsync();
            stream = await UpgradeAsync(stream, server, options.Tls, cancellationToken);
            input = PipeReader.Create(stream, pipe);
        }

        var hello = new ClientInfo
        {
            Name = options.ClientName,
            TlsRequired = tls,
            User = server.User,
            Pass = server.Password,
            AuthToken = server.Token,
        };
        var connect = $"CONNECT {JsonSerializer.Serialize(hello, WireJson.Default.ClientInfo)}\r\nPING\r\n";
        await stream.WriteAsync(Encoding.UTF8.GetBytes(connect), cancellationToken);
        await stream.FlushAsync(cancellationToken);

        while (true)
        {
            var operation = await NextAsync(input, info.MaxPayload, cancellationToken);
            switch (operation.Kind)
            {
                case NatsOperation.Pong:
                    return new BusSession(stream, input, info, server, options, time);
                case NatsOperation.Error:
                    throw ErrorOf(server, Encoding.UTF8.GetString(operation.Bytes.Span));
                case NatsOperation.Info when ServerInfo.TryParse(operation.Bytes.Span, out var newer):
                    info = newer;
                    break;
                case NatsOperation.Message:
                    throw new BusException(BusErrorKind.ProtocolViolation, $"{server} sent a message during log-in.");
            }
        }
    }

    private static async Task<Stream> UpgradeAsync(
        Stream stream, NatsServer server, BusTlsOptions options, CancellationToken cancellationToken)
    {
        var tls = new SslStream(stream, leaveInnerStreamOpen: false);
        var authentication = new SslClientAuthenticationOptions
        {
            TargetHost = options.ServerName ?? server.Host,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
            ClientCertificates = options.ClientCertificate is { } certificate ? [certificate] : null,
        };
        if (options.TrustedRoots is { } roots)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.AddRange(roots);
            authentication.CertificateChainPolicy = policy;
        }

        if (options.Accepts is { } accepts)
            authentication.RemoteCertificateValidationCallback = (_, shown, _, _) => shown is X509Certificate2 certificateShown && accepts(certificateShown);

        try
        {
            await tls.AuthenticateAsClientAsync(authentication, cancellationToken);
            return tls;
        }
        catch
        {
            await tls.DisposeAsync();
            throw;
        }
    }

    private static async ValueTask<NatsOp> NextAsync(PipeReader input, int maxPayload, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await input.ReadAsync(cancellationToken);
            var buffer = result.Buffer;
            var outcome = NatsParser.TryRead(ref buffer, maxPayload, out var operation);
            if (outcome is NatsParseOutcome.Operation)
            {
                input.AdvanceTo(buffer.Start);
                return operation;
            }

            input.AdvanceTo(buffer.Start, buffer.End);
            if (outcome is NatsParseOutcome.Malformed)
                throw new BusException(BusErrorKind.ProtocolViolation, "This is not the NATS protocol.");
            if (result.IsCompleted) throw new BusException(BusErrorKind.Disconnected, "The server closed the connection.");
        }
    }

    private static BusException ErrorOf(NatsServer server, string text) =>
        new(IsAboutCredentials(text) ? BusErrorKind.Unauthorized : BusErrorKind.Refused, $"{server}: {text}");

    private static bool IsAboutCredentials(string text) =>
        text.Contains("Authorization", StringComparison.OrdinalIgnoreCase)
        || text.Contains("Authentication", StringComparison.OrdinalIgnoreCase);

    private async Task ReadAsync(Action<NatsOp> onMessage, Action<string> onServerError, CancellationToken cancellationToken)
    {
        while (true)
        {
            var result = await _input.ReadAsync(cancellationToken);
            Volatile.Write(ref _lastHeard, _time.GetTimestamp());
            var buffer = result.Buffer;
            NatsParseOutcome outcome;
            while ((outcome = NatsParser.TryRead(ref buffer, _info.MaxPayload, out var operation)) is NatsParseOutcome.Operation)
                Handle(operation, onMessage, onServerError);

            _input.AdvanceTo(buffer.Start, buffer.End);
            if (outcome is NatsParseOutcome.Malformed)
                throw new BusException(BusErrorKind.ProtocolViolation, $"{Server} sent what is not the NATS protocol.");
            if (result.IsCompleted) return;
        }
    }

    private void Handle(in NatsOp operation, Action<NatsOp> onMessage, Action<string> onServerError)
    {
        switch (operation.Kind)
        {
            case NatsOperation.Message:
                onMessage(operation);
                break;
            case NatsOperation.Ping:
                Output.Append(NatsWriter.Pong.Span);
                break;
            case NatsOperation.Pong:
                lock (_pingGate)
                {
                    if (_pings.TryDequeue(out var waiting)) waiting.TrySetResult();
                }

                break;
            case NatsOperation.Info:
                if (ServerInfo.TryParse(operation.Bytes.Span, out var info)) _info = info;
                break;
            case NatsOperation.Error:
                var text = Encoding.UTF8.GetString(operation.Bytes.Span);
                if (IsAboutCredentials(text)) throw ErrorOf(Server, text);
                onServerError(text);   // the server itself closes the connection where it is fatal
                break;
        }
    }

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        while (await Output.TakeAsync(cancellationToken) is (true, var operations))
        {
            await _stream.WriteAsync(operations, cancellationToken);
            await _stream.FlushAsync(cancellationToken);
        }
    }

    private async Task PingAsync(CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(_pingInterval, _time);
        while (await timer.WaitForNextTickAsync(cancellationToken))
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _lastHeard)) > MaxUnansweredPings * _pingInterval)
                throw new BusException(BusErrorKind.Timeout, $"{Server} does not answer pings.");

            _ = PingPongAsync().ContinueWith(
                static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }
    }
}
