# Sidekiq's worker and producer. Sidekiq takes a job from Redis before it runs it: a crash loses those that run.
# Redis is reached through hiredis, posts go over libcurl with a handle for each thread, as in the other peers.
require "sidekiq"
require "liquid"
require "curb"
require "uri"

REDIS = { url: ENV.fetch("PEER_BROKER"), driver: :hiredis }.freeze
Sidekiq.configure_server { |config| config.redis = REDIS }
Sidekiq.configure_client { |config| config.redis = REDIS }
Sidekiq.logger.level = Logger::WARN

class Send
  include Sidekiq::Worker

  SINK = "http://127.0.0.1:#{ENV["PEER_SINK"]}/2010-04-01/Accounts/AC1/Messages.json".freeze
  TEMPLATE = Liquid::Template.parse("About order {{ order_id }}.")

  def perform(recipient, order_id)
    curl = Thread.current[:curl] ||= Curl::Easy.new(SINK) do |easy|
      easy.http_auth_types = :basic
      easy.username = "AC1"
      easy.password = "token"
      easy.headers["Expect"] = ""
    end
    text = TEMPLATE.render("order_id" => order_id)
    curl.http_post(URI.encode_www_form("To" => recipient, "From" => "+12025550100", "Body" => text))
    raise "the provider answered #{curl.response_code}" unless curl.response_code == 201
  end
end

# The producer: each line "first count" of standard input is enqueued, in batches.
if $PROGRAM_NAME == __FILE__
  $stdout.sync = true
  puts "ready"
  while (line = $stdin.gets)
    first, count = line.split.map(&:to_i)
    (first...first + count).each_slice(1_000) do |numbers|
      args = numbers.map { |n| ["+1202#{1_000_000 + n % 10_000}", n.to_s] }
      Sidekiq::Client.push_bulk("class" => Send, "args" => args)
    end
  end
end
