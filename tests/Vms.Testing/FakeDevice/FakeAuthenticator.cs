using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Microsoft.AspNetCore.Http;

namespace Vms.Testing.FakeDevice;

/// <summary>Checks what a request carries against what the device takes, and refuses in the device's way.</summary>
internal sealed partial class FakeAuthenticator(FakeDevice device)
{
    private const string Realm = "fake \"device\"";

    private static readonly XNamespace s_wsse = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd";
    private static readonly XNamespace s_wsu = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-utility-1.0.xsd";
    private static readonly HashSet<string> s_open = ["GetSystemDateAndTime", "GetServices", "GetCapabilities"];

    private readonly HashSet<string> _usedNonces = [];
    private readonly Lock _gate = new();
    private string _httpNonce = NewNonce();
    private int _attempts;
    private int _wrong;
    private int _clear;

    private enum Verdict
    {
        Absent,
        Right,
        Wrong,
        Stale,
    }

    public int Attempts => Volatile.Read(ref _attempts);

    public int Wrong => Volatile.Read(ref _wrong);

    public int Clear => Volatile.Read(ref _clear);

    private DeviceAuthentication Accepted => device.Options.Authentication;

    private bool WantsHttp => (Accepted & (DeviceAuthentication.HttpDigest | DeviceAuthentication.HttpBasic | DeviceAuthentication.Both)) != 0;

    /// <returns>False when the refusal is written.</returns>
    public bool MayGet(HttpContext context)
    {
        if (!WantsHttp || OfHttp(context) == Verdict.Right)
            return true;

        RefuseHttp(context, stale: false);
        return false;
    }

    /// <returns>False when the refusal is written, or thrown.</returns>
    public bool MayAsk(HttpContext context, FakeRequest request)
    {
        var token = OfToken(request);
        var http = OfHttp(context);
        if (token != Verdict.Absent || http != Verdict.Absent)
            Interlocked.Increment(ref _attempts);
        if (token == Verdict.Wrong || http == Verdict.Wrong)
            Interlocked.Increment(ref _wrong);
        if (Accepted == DeviceAuthentication.None)
            return true;
        if (s_open.Contains(request.Operation) && !(device.Quirks.ClockNeedsCredentials && request.Operation == "GetSystemDateAndTime"))
            return true;
        bool isLetIn = Accepted.HasFlag(DeviceAuthentication.Both) ? token == Verdict.Right && http == Verdict.Right : token == Verdict.Right || http == Verdict.Right;
        if (isLetIn)
            return true;

        if (WantsHttp && http != Verdict.Right)
        {
            RefuseHttp(context, http == Verdict.Stale);
            return false;
        }

        throw new FakeFaultException("ter:NotAuthorized", "Sender not Authorized", device.Quirks.RefusalStatus);
    }

    private Verdict OfToken(FakeRequest request)
    {
        var token = request.Headers.FirstOrDefault(header => header.Name == s_wsse + "Security")?.Element(s_wsse + "UsernameToken");
        if (token is null)
            return Verdict.Absent;
        if (device.Quirks.TakesAnyPassword)
            return Verdict.Right;

        var password = token.Element(s_wsse + "Password");
        bool isText = password?.Attribute("Type")?.Value.EndsWith("#PasswordText", StringComparison.Ordinal) == true;
        if (isText)
            Interlocked.Increment(ref _clear);
        if (token.Element(s_wsse + "Username")?.Value != device.Options.User || password is null)
            return Verdict.Wrong;
        if (isText)
            return Accepted.HasFlag(DeviceAuthentication.TokenText) && password.Value == device.Options.Password ? Verdict.Right : Verdict.Wrong;
        return (Accepted & (DeviceAuthentication.TokenDigest | DeviceAuthentication.Both)) != 0 && IsRightDigest(token, password.Value) ? Verdict.Right : Verdict.Wrong;
    }

    private bool IsRightDigest(XElement token, string digest)
    {
        string nonce = token.Element(s_wsse + "Nonce")?.Value ?? "";
        string created = token.Element(s_wsu + "Created")?.Value ?? "";
        if (!DateTimeOffset.TryParse(created, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time) || (time - device.Now).Duration() > device.Quirks.MaxSkew)
            return false;
        lock (_gate)
        {
            if (!_usedNonces.Add(nonce))
                return false;
        }

        byte[] bytes = [.. Convert.FromBase64String(nonce), .. Encoding.UTF8.GetBytes(created + device.Options.Password)];
#pragma warning disable CA5350      // SHA-1 is what the profile names; nothing here is protected by it.
        return digest == Convert.ToBase64String(SHA1.HashData(bytes));
#pragma warning restore CA5350
    }

    private Verdict OfHttp(HttpContext context)
    {
        string authorization = context.Request.Headers.Authorization.ToString();
        if (authorization.Length == 0)
            return Verdict.Absent;
        if (authorization.StartsWith("Basic ", StringComparison.Ordinal))
        {
            Interlocked.Increment(ref _clear);
            return Accepted.HasFlag(DeviceAuthentication.HttpBasic)
                && authorization[6..] == Convert.ToBase64String(Encoding.UTF8.GetBytes($"{device.Options.User}:{device.Options.Password}")) ? Verdict.Right : Verdict.Wrong;
        }

        var fields = Field().Matches(authorization).ToDictionary(match => match.Groups[1].Value, match => match.Groups[2].Value.Trim('"').Replace("\\\"", "\"", StringComparison.Ordinal));
        string path = context.Request.Path + context.Request.QueryString;
        string secret = Hash($"{device.Options.User}:{Realm}:{device.Options.Password}");
        string what = Hash($"{context.Request.Method}:{path}");
        string nonce = fields.GetValueOrDefault("nonce", "");
        string expected = Hash($"{secret}:{nonce}:{fields.GetValueOrDefault("nc")}:{fields.GetValueOrDefault("cnonce")}:auth:{what}");
        if (fields.GetValueOrDefault("uri") != path || fields.GetValueOrDefault("username") != device.Options.User || fields.GetValueOrDefault("response") != expected)
            return Verdict.Wrong;

        lock (_gate)
        {
            if (nonce != _httpNonce)
                return Verdict.Stale;
            if (device.Quirks.OneTimeNonces)
                _httpNonce = NewNonce();
            return Verdict.Right;
        }
    }

    private void RefuseHttp(HttpContext context, bool stale)
    {
        context.Response.StatusCode = StatusCodes.Status401Unauthorized;
        var challenges = new List<string>();
        if ((Accepted & (DeviceAuthentication.HttpDigest | DeviceAuthentication.Both)) != 0)
        {
            lock (_gate)
                challenges.Add($"Digest realm=\"{Realm.Replace("\"", "\\\"", StringComparison.Ordinal)}\", qop=\"auth\", nonce=\"{_httpNonce}\", opaque=\"o\"{(stale ? ", stale=true" : "")}");
        }

        if (Accepted.HasFlag(DeviceAuthentication.HttpBasic))
            challenges.Add("Basic realm=\"fake\"");
        context.Response.Headers.WWWAuthenticate = challenges.ToArray();
    }

    private static string NewNonce() => Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16));

#pragma warning disable CA5351      // MD5 is what devices ask for; nothing here is protected by it.
    private static string Hash(string text) => Convert.ToHexStringLower(MD5.HashData(Encoding.UTF8.GetBytes(text)));
#pragma warning restore CA5351

    [GeneratedRegex("""([a-z]+)\s*=\s*("(?:[^"\\]|\\.)*"|[^\s,]+)""")]
    private static partial Regex Field();
}
