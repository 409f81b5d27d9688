using System.Net;
using Vms.Onvif.Device;
using Vms.Onvif.Events;
using Vms.Onvif.Soap;

namespace Vms.Control.Devices.Onvif;

/// <summary>
/// Calls one device. What it is asked goes only to the host it was found at, whatever addresses the device tells. Credentials are sent after a refusal
/// without them, and wrong ones once: see <see cref="OnvifAuthentication"/>. One caller at a time: a long poll has a client of its own.
/// </summary>
internal sealed class OnvifClient : IDisposable
{
    /// <summary>Of one call: without credentials, with them, with a new nonce or clock, after redirections.</summary>
    private const int MaxSends = 6;

    private readonly OnvifHttp _http;
    private readonly TimeProvider _time;
    private readonly OnvifAuthentication _authentication;
    private readonly Dictionary<OnvifService, Uri> _addresses = [];
    private readonly HashSet<OnvifService> _missing = [];
    private bool _knowsClock;

    /// <param name="device">Of the device service.</param>
    /// <param name="credentials">Null: none.</param>
    public OnvifClient(Uri device, OnvifCredentials? credentials, OnvifClientOptions options, TimeProvider time)
    {
        _http = new OnvifHttp(options, time);
        _time = time;
        _authentication = new OnvifAuthentication(credentials);
        _addresses[OnvifService.Device] = device;
    }

    /// <summary>The credentials are right, as far as anybody can tell, and do not do for this.</summary>
    public static OnvifFailure NotAllowed { get; } = new(OnvifFailureKind.Refused, "The device does not allow this to the camera's user");

    /// <summary>Of the device service, as it answers.</summary>
    public Uri Device => _addresses[OnvifService.Device];

    /// <summary>The device's clock minus ours; null when it has not told the time.</summary>
    public TimeSpan? ClockOffset => _knowsClock ? _authentication.ClockOffset : null;

    /// <summary>What the device said of its clock last; null when it has not.</summary>
    public DeviceClock? Clock { get; private set; }

    /// <summary>The device looks at credentials, and these are right. Some answer whatever they are given.</summary>
    public bool AreCredentialsProven => _authentication.IsProven;

    public bool Has(OnvifService service) => _addresses.ContainsKey(service) && !_missing.Contains(service);

    /// <summary>Asks for the clock, which credentials depend on, and for the services. Everything else comes after it; again after a restart of the device.</summary>
    public async Task<OnvifResult<DeviceServices>> ConnectAsync(CancellationToken cancellationToken)
    {
        _missing.Clear();
        var clock = await ReadClockAsync(cancellationToken);
        if (clock.Kind is OnvifFailureKind.Unreachable or OnvifFailureKind.TimedOut or OnvifFailureKind.OnlyBasicInClear)
            return OnvifResult<DeviceServices>.Failed(clock.Failure!);

        var services = await CallAsync(DeviceServices.Get, cancellationToken);
        if (services.Kind is OnvifFailureKind.Unsupported or OnvifFailureKind.Refused or OnvifFailureKind.NotOnvif)
            services = await CallAsync(DeviceServices.GetCapabilities, cancellationToken);
        foreach (var (service, told) in services.Value?.Addresses ?? new Dictionary<OnvifService, string>())
        {
            if (ServiceAddress.Service(told, Device) is { } address)
                _addresses[service] = address;
        }

        if (services.IsSuccess || !clock.IsSuccess || services.Kind is OnvifFailureKind.BadCredentials or OnvifFailureKind.Unreachable or OnvifFailureKind.TimedOut)
            return services;
        return OnvifResult<DeviceServices>.Of(new DeviceServices(new Dictionary<OnvifService, string>()));      // it told the time: a device all the same
    }

    public async Task<OnvifResult<T>> CallAsync<T>(OnvifCall<T> call, CancellationToken cancellationToken)
        where T : class
    {
        if (!_addresses.TryGetValue(call.Service, out var address) || _missing.Contains(call.Service))
            return OnvifResult<T>.Failed(OnvifFailureKind.Unsupported, $"The device has no {call.Service} service");

        var result = await CallAsync(call, address, [], cancellationToken);
        if (result.Kind != OnvifFailureKind.Unreachable || call.Service == OnvifService.Device)
            return result;

        // Some close the connection on services they do not have (onvif_srvd), others are gone: the device service knows.
        if (!(await ReadClockAsync(cancellationToken)).IsSuccess)
            return result;
        _missing.Add(call.Service);
        return OnvifResult<T>.Failed(OnvifFailureKind.Unsupported, $"The device closes the connection instead of answering as {call.Service} service");
    }

    /// <summary>Calls an event subscription.</summary>
    public Task<OnvifResult<T>> CallAsync<T>(OnvifCall<T> call, PullPointSubscription subscription, CancellationToken cancellationToken)
        where T : class
    {
        var made = _addresses.GetValueOrDefault(OnvifService.Events, Device);
        return CallAsync(call, ServiceAddress.Service(subscription.Address, Device) ?? made, subscription.References, cancellationToken);
    }

    /// <summary>A JPEG of now.</summary>
    /// <param name="address">On the device's host.</param>
    public async Task<OnvifResult<byte[]>> GetPictureAsync(Uri address, CancellationToken cancellationToken)
    {
        for (int sent = 0; sent < MaxSends; sent++)
        {
            var got = await _http.GetAsync(address, _authentication.AuthorizationToGet(address.PathAndQuery), cancellationToken);
            if (!got.IsSuccess)
                return OnvifResult<byte[]>.Failed(got.Failure);
            var answer = got.Value;
            if (answer.Status == HttpStatusCode.OK)
            {
                return answer.Body.AsSpan().StartsWith<byte>([0xFF, 0xD8])
                    ? OnvifResult<byte[]>.Of([.. answer.Body])
                    : OnvifResult<byte[]>.Failed(OnvifFailureKind.Refused, "What came is no JPEG");
            }

            if (answer.Status != HttpStatusCode.Unauthorized)
                return OnvifResult<byte[]>.Failed(OnvifFailureKind.Refused, $"HTTP {(int)answer.Status}");
            if (_authentication.IsRejected || answer.Challenges.Count == 0)
                break;
            var step = _authentication.Refused(isHttp: true, answer.Challenges, null, sent);
            if (step != AuthenticationStep.Repeat)
                return OnvifResult<byte[]>.Failed(FailureOf(step));
        }

        return OnvifResult<byte[]>.Failed(OnvifFailureKind.BadCredentials, "The device refused the credentials for its picture");
    }

    /// <summary>The device has taken the same credentials elsewhere since: what it refused here, it refused for the sake of rights.</summary>
    public void AreTaken() => _authentication.AreTaken();

    public void Dispose() => _http.Dispose();

    private async Task<OnvifResult<DeviceClock>> ReadClockAsync(CancellationToken cancellationToken)
    {
        var before = _time.GetUtcNow();
        var clock = await CallAsync(DeviceClock.Get, Device, [], cancellationToken);
        if (clock.IsSuccess)
        {
            (_knowsClock, Clock) = (true, clock.Value);
            _authentication.ClockOffset = clock.Value.Utc - (before + ((_time.GetUtcNow() - before) / 2));
        }

        return clock;
    }

    private async Task<OnvifResult<T>> CallAsync<T>(OnvifCall<T> call, Uri address, IReadOnlyList<System.Xml.Linq.XElement> references, CancellationToken cancellationToken)
        where T : class
    {
        bool carries = !call.IsPublic;
        for (int sent = 0; sent < MaxSends; sent++)
        {
            carries |= sent > 0;
            if (_authentication.IsRejected && carries)
                return OnvifResult<T>.Failed(FailureOf(AuthenticationStep.Rejected));

            var posted = await PostAsync(call, address, references, carries, cancellationToken);
            if (!posted.IsSuccess)
                return OnvifResult<T>.Failed(posted.Failure);

            var http = posted.Value;
            if (http.Location is { } location)
            {
                // From http to https of itself, or to a path with a slash. Never to somebody else: the credentials would go along.
                if (!Uri.TryCreate(address, location, out var next) || next.Host != address.Host || next.Scheme is not ("http" or "https"))
                    return OnvifResult<T>.Failed(OnvifFailureKind.NotOnvif, "What answers sends elsewhere");
                address = next;
                if (call.Service != OnvifService.Subscription)
                    _addresses[call.Service] = next;
                continue;
            }

            var answer = SoapAnswer.Read(http.Body);
            if (http.Status is HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden || answer.Fault?.Kind is SoapFaultKind.NotAuthorized or SoapFaultKind.Expired)
            {
                if (call.IsPublic && sent == 0 && _authentication.IsCarrying)
                    continue;       // what everybody may ask is not for everybody here
                var step = _authentication.Refused(http.Status == HttpStatusCode.Unauthorized, http.Challenges, answer.Fault, sent);
                if (step == AuthenticationStep.ReadClock)
                    await ReadClockAsync(cancellationToken);
                else if (step == AuthenticationStep.Rejected && !_authentication.IsRejected)
                    return OnvifResult<T>.Failed(NotAllowed);
                else if (step != AuthenticationStep.Repeat)
                    return OnvifResult<T>.Failed(FailureOf(step));
                continue;
            }

            return ResultOf(call, http, answer, carries);
        }

        return OnvifResult<T>.Failed(OnvifFailureKind.NotOnvif, "The device asks for the same again and again");
    }

    private async Task<OnvifResult<OnvifAnswer>> PostAsync<T>(
        OnvifCall<T> call, Uri address, IReadOnlyList<System.Xml.Linq.XElement> references, bool carries, CancellationToken cancellationToken)
        where T : class
    {
        var addressing = call.IsAddressed ? new SoapAddressing(address.AbsoluteUri, Guid.NewGuid(), references) : null;
        byte[] envelope = SoapEnvelope.Write(call.Action, call.Body, carries ? _authentication.Token(_time.GetUtcNow()) : null, addressing);
        var posted = await _http.PostAsync(address, call.Action, envelope, carries ? _authentication.Authorization(address.PathAndQuery) : null, call.MayWait, cancellationToken);

        // Devices that do not tell the time (HiKam A7) still write it into HTTP's header.
        if (!_knowsClock && posted.Value?.Date is { } date)
            _authentication.ClockOffset = date - _time.GetUtcNow();
        return posted;
    }

    private OnvifResult<T> ResultOf<T>(OnvifCall<T> call, OnvifAnswer http, SoapAnswer answer, bool carried)
        where T : class
    {
        switch (answer.Kind)
        {
            case SoapAnswerKind.Answer:
                if (carried)
                    _authentication.Accepted();
                return call.Read(answer) is { } value
                    ? OnvifResult<T>.Of(value)
                    : OnvifResult<T>.Failed(OnvifFailureKind.Refused, "The answer lacks what was asked for");
            case SoapAnswerKind.Fault:
                return OnvifResult<T>.Failed(
                    answer.Fault!.Kind == SoapFaultKind.NotSupported ? OnvifFailureKind.Unsupported : OnvifFailureKind.Refused,
                    answer.Fault.Reason.Length > 0 ? answer.Fault.Reason : string.Join('/', answer.Fault.Codes));
            case SoapAnswerKind.NotSoap when call.Service != OnvifService.Device && http.Status is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented:
                return OnvifResult<T>.Failed(OnvifFailureKind.Unsupported, $"HTTP {(int)http.Status}");
            default:
                return OnvifResult<T>.Failed(OnvifFailureKind.NotOnvif, answer.Kind == SoapAnswerKind.Malformed ? "The answer is not readable" : $"HTTP {(int)http.Status} without SOAP");
        }
    }

    private static OnvifFailure FailureOf(AuthenticationStep step) => step switch
    {
        AuthenticationStep.NoCredentials => new(OnvifFailureKind.BadCredentials, "The device wants a user and a password"),
        AuthenticationStep.BasicInClear => new(OnvifFailureKind.OnlyBasicInClear, "The device takes the password only in clear"),
        _ => new(OnvifFailureKind.BadCredentials, "The device refused the user or the password"),
    };
}
