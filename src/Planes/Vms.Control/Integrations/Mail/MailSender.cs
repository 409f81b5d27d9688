using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;
using MimeKit.Utils;
using Vms.Control.Federation;

namespace Vms.Control.Integrations.Mail;

/// <summary>Why a message was not taken: a sentence without its full stop.</summary>
/// <param name="isFinal">It never will be: the receiver does not exist, or does not want it.</param>
internal sealed class MailException(string message, bool isFinal, Exception? cause = null) : Exception(message, cause)
{
    public bool IsFinal => isFinal;
}

/// <summary>Sends messages through the operator's mail server, a connection for each: there are few. Any thread.</summary>
internal sealed class MailSender(
    IntegrationStore store, OutgoingAddresses addresses, FederationOptions here, IntegrationMetrics metrics, TimeProvider time)
{
    public const int DefaultPort = 587;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private long _sent;
    private volatile LinkState _last = new(LinkState.Off, time.GetUtcNow(), null, 0);

    /// <summary>Of the last message.</summary>
    public LinkState State => _last with { Sent = Interlocked.Read(ref _sent) };

    /// <param name="key">The same for the same message, however often it is sent.</param>
    /// <returns>What the server said.</returns>
    /// <exception cref="MailException">It did not take it.</exception>
    public async Task<string> SendAsync(string to, EmailBody body, string key, CancellationToken cancellationToken)
    {
        if (!IsAddress(to))
            throw new MailException($"'{to}' is no address of mail", isFinal: true);
        var integration = await store.ReadAsync(SmtpSettings.Kind, new SmtpSettings(), cancellationToken);
        if (!integration.Settings.Enabled)
            throw new MailException("No mail server is set up, or it is switched off", isFinal: true);
        try
        {
            var answer = await TrySendAsync(integration, MessageOf(integration.Settings, to, body, key), cancellationToken);
            Interlocked.Increment(ref _sent);
            metrics.Sent(SmtpSettings.Kind, 1);
            _last = new LinkState(LinkState.Connected, time.GetUtcNow(), null, 0);
            return answer;
        }
        catch (MailException e)
        {
            metrics.Failed(SmtpSettings.Kind);
            _last = new LinkState(LinkState.Failed, time.GetUtcNow(), e.Message, 0);
            throw;
        }
    }

    public static bool IsAddress(string text) =>
        text.Length <= 254 && text.Contains('@', StringComparison.Ordinal) && !text.Any(c => char.IsControl(c) || c is ',' or ';') && MailboxAddress.TryParse(text, out _);

    private async Task<string> TrySendAsync(Integration<SmtpSettings> integration, MimeMessage message, CancellationToken cancellationToken)
    {
        var settings = integration.Settings;
        using var deadline = new CancellationTokenSource(s_patience, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        using var client = new SmtpClient
        {
            Timeout = (int)s_patience.TotalMilliseconds,
            CheckCertificateRevocation = false,
            ServerCertificateValidationCallback = ServiceTls.Validation(settings.CaCertificate),
        };
        try
        {
            var stream = await addresses.ConnectAsync(settings.Host, settings.Port, loopback: true, either.Token);
            await client.ConnectAsync(stream, settings.Host, settings.Port, SecurityOf(settings.Security), either.Token);
            if (settings.Username is { Length: > 0 } user)
                await client.AuthenticateAsync(Encoding.UTF8, user, store.PasswordOf(integration) ?? "", either.Token);
            var answer = await client.SendAsync(message, either.Token);
            await client.DisconnectAsync(quit: true, either.Token);
            return answer;
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new MailException($"The mail server did not answer within {s_patience.TotalSeconds:0} s", isFinal: false, e);
        }
        catch (SmtpCommandException e)
        {
            // 5xx is meant for good, where it is about the message and not about us.
            throw new MailException(
                $"The mail server says {(int)e.StatusCode}: {e.Message}",
                isFinal: (int)e.StatusCode >= 500 && e.ErrorCode is SmtpErrorCode.RecipientNotAccepted or SmtpErrorCode.MessageNotAccepted, e);
        }
        catch (AuthenticationException e)
        {
            throw new MailException($"The mail server does not take user and password ({e.Message})", isFinal: false, e);
        }
        catch (SslHandshakeException e)
        {
            throw new MailException("The mail server's certificate is not trusted, or it speaks no TLS here", isFinal: false, e);
        }
        catch (NotSupportedException e)
        {
            throw new MailException($"The mail server does not do what is set ({e.Message})", isFinal: false, e);
        }
        catch (Exception e) when (e is IOException or SocketException or ProtocolException or ServiceNotConnectedException or LinkException)
        {
            throw new MailException($"The mail server cannot be reached ({(e.InnerException ?? e).Message})", isFinal: false, e);
        }
    }

    private MimeMessage MessageOf(SmtpSettings settings, string to, EmailBody body, string key)
    {
        var message = new MimeMessage { Subject = body.Subject, Date = time.GetUtcNow(), MessageId = IdOf(key) };
        message.From.Add(MailboxAddress.Parse(settings.From));
        message.To.Add(MailboxAddress.Parse(to));
        message.Headers.Add("Auto-Submitted", "auto-generated");        // RFC 3834: nobody's holiday reply
        var builder = new BodyBuilder { TextBody = body.Text };
        if (body.Image is { } image)
        {
            var picture = builder.LinkedResources.Add("snapshot.jpg", image, new ContentType("image", "jpeg"));
            picture.ContentId = MimeUtils.GenerateMessageId("vms");
            builder.HtmlBody = $"<p style=\"white-space: pre-line\">{System.Net.WebUtility.HtmlEncode(body.Text)}</p><p><img src=\"cid:{picture.ContentId}\" alt=\"snapshot\" style=\"max-width: 100%\"></p>";
        }

        message.Body = builder.ToMessageBody();
        return message;
    }

    /// <summary>A mailbox that gets it twice can tell.</summary>
    private string IdOf(string key) => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(here.Name + "\n" + key)))[..32]}@vms";

    private static SecureSocketOptions SecurityOf(string security) => security switch
    {
        SmtpSettings.SecurityTls => SecureSocketOptions.SslOnConnect,
        SmtpSettings.SecurityStartTls => SecureSocketOptions.StartTls,
        _ => SecureSocketOptions.None,
    };
}
