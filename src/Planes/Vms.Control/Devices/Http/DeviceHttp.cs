using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Vms.Rtsp;

namespace Vms.Control.Devices.Http;

/// <summary>
/// Asks one device over HTTP/1.1 as one user: Digest (RFC 7616) as in RTSP, Basic only where nothing else is offered and it is allowed. A refused password
/// is not sent again for as long as this object lives. Redirects are not followed, and no proxy stands between. One question at a time, so that a password
/// that is wrong is tried once; further callers wait. Any thread.
/// </summary>
internal sealed class DeviceHttp : IDisposable
{
    /// <summary>Of one answer. The longest that is read is the encoder configuration of a Dahua with 256 channels, some 6 MiB of text.</summary>
    public const int MaxAnswerBytes = 8 << 20;

    private const int MaxHeaderKilobytes = 32;

    private readonly HttpClient _http;
    private readonly RtspAuthentication _authentication;
    private readonly SemaphoreSlim _turn = new(1, 1);
    private readonly DeviceHttpOptions _options;
    private readonly TimeProvider _time;
    private DeviceException? _refused;      // what is not asked again

    /// <param name="address">http or https, host and port.</param>
    /// <param name="username">Empty: the device is asked without credentials.</param>
    public DeviceHttp(Uri address, string? username, string? password, DeviceHttpOptions options, TimeProvider time)
    {
        Address = address;
        _options = options;
        _time = time;
        _authentication = new RtspAuthentication(username, password, options.AllowBasicInClear || address.Scheme == Uri.UriSchemeHttps);
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            AutomaticDecompression = DecompressionMethods.None,
            ConnectTimeout = options.ConnectTimeout,
            MaxConnectionsPerServer = 4,
            MaxResponseHeadersLength = MaxHeaderKilobytes,
            ActivityHeadersPropagator = null,
            SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = IsAccepted },
        })
        {
            Timeout = Timeout.InfiniteTimeSpan,
        };
    }

    public Uri Address { get; }

    /// <summary>The answer, whatever its status but 401.</summary>
    /// <param name="target">Path and query.</param>
    /// <param name="body">XML that is posted; null: a GET.</param>
    /// <exception cref="DeviceException">There is no answer, or the credentials are refused.</exception>
    public async Task<DeviceAnswer> AskAsync(string target, string? body, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await WithinTimeAsync(
                target,
                async limited =>
                {
                    using var response = await ExchangeAsync(target, body, limited);
                    return await ReadAsync(target, response, limited);
                },
                cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc cref="AskAsync(string, string?, CancellationToken)"/>
    public Task<DeviceAnswer> AskAsync(string target, CancellationToken cancellationToken) => AskAsync(target, body: null, cancellationToken);

    /// <summary>Asks without credentials: how a device says no tells who made it. Costs no try of the password.</summary>
    /// <exception cref="DeviceException">There is no answer.</exception>
    public Task<DeviceAnswer> AskAnonymouslyAsync(string target, CancellationToken cancellationToken) => WithinTimeAsync(
        target,
        async limited =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(Address, target));
            using var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limited);
            return await ReadAsync(target, response, limited);
        },
        cancellationToken);

    /// <summary>An answer that goes on, for instance events as they happen.</summary>
    /// <exception cref="DeviceException">There is none.</exception>
    public async Task<DeviceStream> OpenAsync(string target, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            return await WithinTimeAsync(
                target,
                async limited =>
                {
                    var response = await ExchangeAsync(target, body: null, limited);
                    if (response.IsSuccessStatusCode)
                        return new DeviceStream(PlaceOf(target), response, await response.Content.ReadAsStreamAsync(limited), _time);
                    using (response)
                        throw (await ReadAsync(target, response, limited)).Refusal();
                },
                cancellationToken);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _turn.Dispose();
    }

    /// <summary>Host and path: a query may hold more than a log should.</summary>
    private string PlaceOf(string target) => Address.Authority + target.Split('?', 2)[0];

    private bool IsAccepted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors) =>
        certificate is not null
        && (_options.CertificateSha256 is not { } pinned || pinned.Span.SequenceEqual(certificate.GetCertHash(HashAlgorithmName.SHA256)));

    private async Task<HttpResponseMessage> ExchangeAsync(string target, string? body, CancellationToken cancellationToken)
    {
        if (_refused is not null)
            throw new DeviceException(_refused.Failure, _refused.Message);

        // The first request asks what the device wants, the second answers; a third only where the nonce was too old.
        bool repeated = false;
        while (true)
        {
            using var request = new HttpRequestMessage(body is null ? HttpMethod.Get : HttpMethod.Post, new Uri(Address, target));
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/xml");
            string? authorization = _authentication.Authorize(request.Method.Method, request.RequestUri!.PathAndQuery);
            if (authorization is not null)
                request.Headers.TryAddWithoutValidation("Authorization", authorization);

            var response = await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
            if (response.StatusCode != HttpStatusCode.Unauthorized)
            {
                if (authorization is not null && response.IsSuccessStatusCode)
                    _authentication.Accepted();
                return response;
            }

            using (response)
            {
                var outcome = _authentication.OnUnauthorized(ChallengesOf(response), answered: authorization is not null, repeated);
                if (outcome != RtspUnauthorizedOutcome.Answer)
                    throw _refused = Refused(target, outcome);
            }

            repeated = authorization is not null;
        }
    }

    private DeviceException Refused(string target, RtspUnauthorizedOutcome outcome) => outcome switch
    {
        RtspUnauthorizedOutcome.NoCredentials => new(DeviceFailure.BadCredentials, $"{PlaceOf(target)} wants a user and a password"),
        RtspUnauthorizedOutcome.UnsupportedScheme => new(DeviceFailure.NotSupported, $"{PlaceOf(target)} asks for credentials in a way that is not spoken here"),
        RtspUnauthorizedOutcome.BasicInClear => new(DeviceFailure.BasicInClear, $"{PlaceOf(target)} would get the password unencrypted: it offers Basic only"),
        _ => new(DeviceFailure.BadCredentials, $"{PlaceOf(target)} refused user and password"),
    };

    private async Task<DeviceAnswer> ReadAsync(string target, HttpResponseMessage response, CancellationToken cancellationToken)
    {
        await response.Content.LoadIntoBufferAsync(MaxAnswerBytes, cancellationToken);
        return new DeviceAnswer(
            PlaceOf(target), response.StatusCode, HeaderOf(response.Content.Headers.NonValidated, "Content-Type"), HeaderOf(response.Headers.NonValidated, "Server"),
            HeaderOf(response.Headers.NonValidated, "Location"), ChallengesOf(response),
            await response.Content.ReadAsByteArrayAsync(cancellationToken));
    }

    /// <summary>As they came: a parser that takes offence at one would hide the others.</summary>
    private static string[] ChallengesOf(HttpResponseMessage response) =>
        response.Headers.NonValidated.TryGetValues("WWW-Authenticate", out var values) ? [.. values] : [];

    private static string? HeaderOf(System.Net.Http.Headers.HttpHeadersNonValidated headers, string name) =>
        headers.TryGetValues(name, out var values) ? values.ToString() : null;

    /// <summary>The one place where what goes wrong on the way gets its name.</summary>
    private async Task<T> WithinTimeAsync<T>(string target, Func<CancellationToken, Task<T>> ask, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(_options.AnswerTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            return await ask(either.Token);
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new DeviceException(DeviceFailure.Unreachable, $"{PlaceOf(target)} did not answer in time", e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
        {
            throw new DeviceException(DeviceFailure.Unreachable, $"{Address.Authority} cannot be reached ({e.InnerException?.Message ?? e.Message})", e);
        }
        catch (HttpRequestException e) when (e.HttpRequestError == HttpRequestError.ConfigurationLimitExceeded)
        {
            throw new DeviceException(DeviceFailure.BadAnswer, $"{PlaceOf(target)} answered more than {MaxAnswerBytes >> 20} MiB, or a head of more than {MaxHeaderKilobytes} KiB", e);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            throw new DeviceException(DeviceFailure.BadAnswer, $"{PlaceOf(target)} answered what is not HTTP, or broke off ({e.Message})", e);
        }
    }
}
