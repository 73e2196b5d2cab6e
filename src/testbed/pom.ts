/** The pinned Maven project from which a real Kafka is fetched: the broker and what it needs to run, no more. */

export const kafkaVersion = '4.3.1'

/**
 * `kafka_2.13` alone runs a broker; `kafka-tools` would add Connect, Jetty and Jersey (93 jars
 * instead of 45). It brings no log binding, so a broker that dies would die in silence:
 * `slf4j-simple` gives its warnings and errors to stderr.
 */
export const pom: string = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>quipu</groupId>
  <artifactId>testbed</artifactId>
  <version>1</version>
  <packaging>pom</packaging>
  <dependencies>
    <dependency>
      <groupId>org.apache.kafka</groupId>
      <artifactId>kafka_2.13</artifactId>
      <version>${kafkaVersion}</version>
    </dependency>
    <dependency>
      <groupId>org.slf4j</groupId>
      <artifactId>slf4j-simple</artifactId>
      <version>1.7.36</version>
    </dependency>
  </dependencies>
  <build>
    <plugins>
      <plugin>
        <groupId>org.apache.maven.plugins</groupId>
        <artifactId>maven-dependency-plugin</artifactId>
        <version>3.8.1</version>
      </plugin>
    </plugins>
  </build>
</project>
`
